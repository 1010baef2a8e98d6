"""The metadata on top of an article: found, read without trusting it, and checked key by key."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import yaml

from ingest.article import Problem
from ingest.language import locale_of_tag

MAX_CHARACTERS = 64 * 1024
MAX_DEPTH = 10
LIFECYCLES = ("planning", "execution", "monitoring", "closing")
AUDIENCES = ("public", "internal")

_CLOSING = {
    "---": re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.M),
    "+++": re.compile(r"^\+\+\+[ \t]*$", re.M),
}
_KEY = re.compile(r"^\{?[\"']?[A-Za-z_][\w .-]*[\"']?\s*[:=]", re.M)
_AUDIENCE = re.compile(r"audience\W*(\w*)", re.I)
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # every scalar stays a string


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the front matter says about an article, each field checked."""

    title: str | None = None
    locale: str | None = None
    audience: str = "public"
    module: str | None = None
    lifecycle: str | None = None
    tiers: tuple[str, ...] = ()
    owner: str | None = None
    reviewed: date | None = None
    review_by: date | None = None
    questions: tuple[str, ...] = ()
    translation_of: str | None = None


@dataclass(frozen=True, slots=True)
class FrontMatter:
    metadata: Metadata
    body: str
    body_line: int  # the line of the file on which the body begins, from 1
    problems: tuple[Problem, ...] = ()


class _Unreadable(Exception):
    def __init__(self, reason: str, line: int = 1) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


class _WrongValue(Exception):
    pass


def read_front_matter(path: str, text: str) -> FrontMatter:
    """Metadata and body; broken front matter costs the metadata, never the body.

    An article perhaps meant for internal readers stays internal when that cannot be read.
    """
    fence = text[:3]
    first_line = text.partition("\n")[0].rstrip()
    if fence not in _CLOSING or first_line != fence:
        return FrontMatter(Metadata(), text, 1)
    start = text.find("\n") + 1
    closing = _CLOSING[fence].search(text, start) if start else None
    if closing is None:
        return _read_unclosed(path, text, start)
    raw, body = text[start : closing.start()], text[closing.end() :].removeprefix("\n")
    body_line = text.count("\n", 0, len(text) - len(body)) + 1
    if raw.strip() and not _KEY.search(raw):
        return FrontMatter(Metadata(), text, 1)  # a document that begins with a ruler
    try:
        fields = _load(raw, fence)
    except _Unreadable as error:
        problem = Problem(path, error.line, f"front matter: {error.reason}; it was ignored")
        return FrontMatter(Metadata(audience=_safe_audience(raw)), body, body_line, (problem,))
    metadata, problems = _check(path, raw, fields)
    return FrontMatter(metadata, body, body_line, problems)


def _read_unclosed(path: str, text: str, start: int) -> FrontMatter:
    """Lines that look like keys and are never closed: everything up to the first blank line."""
    end = text.find("\n\n", start) + 1 or len(text)
    raw = text[start:end]
    if not start or not _KEY.match(raw):
        return FrontMatter(Metadata(), text, 1)
    problem = Problem(path, 1, "front matter: never closed by a line ---; it was ignored")
    metadata = Metadata(audience=_safe_audience(raw))
    return FrontMatter(metadata, text[end:], text.count("\n", 0, end) + 1, (problem,))


def _safe_audience(raw: str) -> str:
    values = {value.lower() for value in _AUDIENCE.findall(raw)}
    return "public" if values <= {"public"} else "internal"


def _load(raw: str, fence: str) -> Mapping[str, Any]:
    if len(raw) > MAX_CHARACTERS:
        raise _Unreadable(f"longer than {MAX_CHARACTERS // 1024} KB")
    fields = _load_yaml(raw) if fence == "---" else _load_toml(raw)
    if fields is None or fields == "":
        return {}
    if not isinstance(fields, dict):
        raise _Unreadable("not a list of keys and values", 2)
    return fields


def _load_yaml(raw: str) -> Any:
    try:
        _refuse_unsafe(raw)
        return yaml.load(raw, Loader=_LOADER)  # noqa: S506  # builds strings, lists and dicts only
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        reason = f"invalid YAML ({error.problem or 'cannot be parsed'})"
        raise _Unreadable(reason, mark.line + 2 if mark else 1) from None
    except (yaml.YAMLError, RecursionError, TypeError) as error:
        raise _Unreadable(f"invalid YAML ({str(error).splitlines()[0]})") from None


def _refuse_unsafe(raw: str) -> None:
    """Aliases multiply, tags construct, nesting exhausts the stack: none of them is needed here."""
    depth = 0
    for event in yaml.parse(raw, Loader=_LOADER):
        line = event.start_mark.line + 2 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            raise _Unreadable("YAML aliases are not allowed", line)
        if getattr(event, "tag", None) is not None:
            raise _Unreadable("YAML tags are not allowed", line)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise _Unreadable(f"nested deeper than {MAX_DEPTH}", line)


def _load_toml(raw: str) -> Any:
    try:
        return tomllib.loads(raw)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise _Unreadable(f"invalid TOML ({error})") from None


def _check(path: str, raw: str, fields: Mapping[str, Any]) -> tuple[Metadata, tuple[Problem, ...]]:
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for key, check in _CHECKS.items():
        value = fields.get(key)
        if value is None or value == "":
            continue
        try:
            values[key] = check(value)
        except _WrongValue as error:
            problems.append(Problem(path, _line_of(raw, key), f"front matter: {key} {error}"))
            if key == "audience":
                values[key] = "internal"
    return Metadata(**values), tuple(problems)


def _line_of(raw: str, key: str) -> int:
    match = re.search(rf"^[\"']?{key}[\"']?\s*[:=]", raw, re.M)
    return raw.count("\n", 0, match.start()) + 2 if match else 1


def _text(value: Any) -> str:
    if isinstance(value, dict | list):
        raise _WrongValue("must be one line of text")
    return " ".join(str(value).split())


def _texts(value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    if any(isinstance(item, dict | list) for item in values) or isinstance(value, dict):
        raise _WrongValue("must be a list of texts")
    return tuple(text for text in map(_text, values) if text)


def _date(value: Any) -> date:
    try:
        return date.fromisoformat(str(value).strip()[:10])
    except ValueError:
        raise _WrongValue("must be a date (YYYY-MM-DD)") from None


def _locale(value: Any) -> str:
    locale = locale_of_tag(_text(value))
    if locale is None:
        raise _WrongValue("must be zh or en")
    return locale


def _one_of(choices: tuple[str, ...]) -> Callable[[Any], str | None]:
    def check(value: Any) -> str | None:
        text = _text(value).lower()
        if text in ("none", "null", "~"):
            return None
        if text not in choices:
            raise _WrongValue(f"must be one of {', '.join(choices)}")
        return text

    return check


def _audience(value: Any) -> str:
    text = _text(value).lower()
    if text not in AUDIENCES:
        raise _WrongValue(f"must be one of {', '.join(AUDIENCES)}; treated as internal")
    return text


_CHECKS: Mapping[str, Callable[[Any], Any]] = {
    "title": _text,
    "locale": _locale,
    "audience": _audience,
    "module": _text,
    "lifecycle": _one_of(LIFECYCLES),
    "tiers": _texts,
    "owner": _text,
    "reviewed": _date,
    "review_by": _date,
    "questions": _texts,
    "translation_of": _text,
}
