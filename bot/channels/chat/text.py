"""Lines of a post: what people wrote stands in them as data, and only a program's own drawing puts
marks around it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from bot.domain.conversation import Locale
from bot.ports import Prompts


@dataclass(frozen=True, slots=True)
class Bold:
    text: str


@dataclass(frozen=True, slots=True)
class Faint:
    text: str


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A time, in the time zone of whoever reads it; `shown` where the program does not know it."""

    at: datetime
    shown: str


@dataclass(frozen=True, slots=True)
class Mention:
    """Of somebody, by the program's own id; they are notified."""

    user: str


Span = str | Bold | Faint | Link | Moment | Mention
Line = tuple[Span, ...]

# `**...**` in our own words, and where a value stands in them; values hold no NUL.
_MARKS = re.compile(r"\*\*(?P<bold>.+?)\*\*|\0(?P<value>\w+)\0")


class Words:
    """What is said in one language, of one file of prompts."""

    def __init__(self, prompts: Prompts, act: str, locale: Locale) -> None:
        self.locale = locale
        self._say = partial(prompts.text, act, locale)

    def text(self, name: str, **values: str) -> str:
        """As data, without marks."""
        return "".join(plain(span) for span in self.line(name, **values))

    def line(self, name: str, **values: Span) -> Line:
        template = self._say(name, **{value: f"\0{value}\0" for value in values})
        return tuple(_spans(template, values))


def plain(span: Span) -> str:
    match span:
        case Bold(text) | Faint(text):
            return text
        case Link(label, url):
            return label or url
        case Moment(_, shown):
            return shown
        case Mention(user):
            return f"@{user}"
        case _:
            return span


def plain_line(line: Line) -> str:
    return "".join(map(plain, line))


def _spans(template: str, values: dict[str, Span]) -> Iterator[Span]:
    end = 0
    for mark in _MARKS.finditer(template):
        if mark.start() > end:
            yield template[end : mark.start()]
        end = mark.end()
        if mark["bold"] is not None:
            inner = _spans(mark["bold"], values)
            yield Bold("".join(map(plain, inner)))
        else:
            yield values[mark["value"]]
    if end < len(template):
        yield template[end:]
