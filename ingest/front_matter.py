"""The metadata on top of an article: found, read without trusting it, and checked key by key."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from typing import Any

import yaml

from ingest.article import Problem
from ingest.language import locale_of_tag

MAX_CHARACTERS = 64 * 1024
MAX_DEPTH = 10
LIFECYCLES = ("planning", "execution", "monitoring", "closing")
AUDIENCES = ("public", "internal")

# Keys of other tools that resemble ours and mean something else.
_NOT_OURS = frozenset({"reviewed_by", "reviewer", "reviewers"})
_LIKENESS = 0.8  # share of a key's letters from which it is taken for a misspelling
_LONGEST_KEY = 20  # characters; what is longer resembles none of ours

_ABOVE = re.compile(r"(?:[ \t\ufeff]*\n)*\ufeff*")  # nothing that is seen
_CLOSING = {
    "---": re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.M),
    "+++": re.compile(r"^\+\+\+[ \t]*$", re.M),
}
_KEY = re.compile(r"^\{?[\"']?[A-Za-z_][\w .-]*[\"']?\s*[:=]", re.M)
_WORD_AND_NEXT = re.compile(r"([^\W_](?:\w|-)*)(?=\W*(\w*))")
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
    above = _ABOVE.match(text)
    start = above.end() if above else 0
    found = _read(path, text[start:])
    if found is None:
        return FrontMatter(Metadata(), text, 1)
    lines_above = text.count("\n", 0, start)
    problems = tuple(
        replace(problem, line=problem.line + lines_above) if problem.line else problem
        for problem in found.problems
    )
    return replace(found, body_line=found.body_line + lines_above, problems=problems)


def _read(path: str, text: str) -> FrontMatter | None:
    """None where the text does not begin with front matter."""
    fence = text[:3]
    first_line = text.partition("\n")[0].rstrip()
    if fence not in _CLOSING or first_line != fence:
        return None
    start = text.find("\n") + 1
    closing = _CLOSING[fence].search(text, start) if start else None
    if closing is None:
        return _read_unclosed(path, text, start)
    raw, body = text[start : closing.start()], text[closing.end() :].removeprefix("\n")
    body_line = text.count("\n", 0, len(text) - len(body)) + 1
    if raw.strip() and not _KEY.search(raw):
        return None  # a document that begins with a ruler
    try:
        fields = _load(raw, fence)
    except _Unreadable as error:
        problem = Problem(path, error.line, f"front matter: {error.reason}; it was ignored")
        return FrontMatter(Metadata(audience=_safe_audience(raw)), body, body_line, (problem,))
    metadata, problems = _check(path, raw, fields)
    return FrontMatter(metadata, body, body_line, problems)


def _read_unclosed(path: str, text: str, start: int) -> FrontMatter | None:
    """Lines that look like keys and are never closed: everything up to the first blank line."""
    end = text.find("\n\n", start) + 1 or len(text)
    raw = text[start:end]
    if not start or not _KEY.match(raw):
        return None
    problem = Problem(path, 1, "front matter: never closed by a line ---; it was ignored")
    metadata = Metadata(audience=_safe_audience(raw))
    return FrontMatter(metadata, text[end:], text.count("\n", 0, end) + 1, (problem,))


def _safe_audience(raw: str) -> str:
    pairs = {(word.lower(), value.lower()) for word, value in _WORD_AND_NEXT.findall(raw)}
    hidden = {word for word, value in pairs if value != "public"}
    return "internal" if any(map(_may_be_audience, hidden)) else "public"


def _may_be_audience(word: str) -> bool:
    if "audience" in word:
        return True
    return len(word) <= _LONGEST_KEY and bool(get_close_matches(word, ["audience"], 1, _LIKENESS))


def _meant_key(key: str) -> str | None:
    """The key of ours that this one is, or would be if it were spelt correctly."""
    if len(key) > _LONGEST_KEY:
        return None
    spelt = re.sub(r"[\W_]+", "_", key.lower())
    if spelt in _NOT_OURS:
        return None
    return next(iter(get_close_matches(spelt, _CHECKS, 1, _LIKENESS)), None)


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
    misspelt = [(key, meant) for key in fields if (meant := _meant_key(key)) not in (None, key)]
    for key, meant in misspelt:
        reason = f"front matter: {key} is not a key; did you mean {meant}?"
        if meant == "audience" and str(fields[key]).strip().lower() not in ("", "public"):
            values[meant] = "internal"
            reason += " The article is treated as internal"
        problems.append(Problem(path, _line_of(raw, key), reason))
    return Metadata(**values), tuple(problems)


def _line_of(raw: str, key: str) -> int:
    match = re.search(rf"^[\"']?{re.escape(key)}[\"']?\s*[:=]", raw, re.M)
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
