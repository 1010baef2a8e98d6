"""Whether what a chat model wrote stands in the passages it cites. Pure, and nothing here trusts it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.conversation import Locale
from bot.domain.knowledge import Passage
from bot.services import facts, markup, wording
from bot.services.markup import Code, Sentence, Text
from bot.services.wording import Wording

NO_ANSWER = "NO_ANSWER"

_COLON = re.compile(r"[:：]\**$")
_SOURCES_LINE = re.compile(r"\**(?:sources?|references?|来源|出处|参考资料|参考)\**\s*[:：]?\**", re.I)


class Fallback(StrEnum):
    """Why the extractive answer stands."""

    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"
    NO_ANSWER = "no_answer"
    UNGROUNDED = "ungrounded"
    EMPTY = "empty"
    TOO_LONG = "too_long"
    WRONG_LANGUAGE = "wrong_language"


@dataclass(frozen=True, slots=True)
class Grounded:
    """`[n]` in the text is the n-th of `cited`, the numbers (from 1) the passages were given by."""

    text: str
    cited: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Source:
    markdown: str
    locale: Locale
    facts: frozenset[facts.Fact]
    wording: Wording

    @classmethod
    def of(cls, passage: Passage) -> "_Source":
        markdown = "\n".join((passage.title, *passage.heading_path, passage.text))
        return cls(markdown, passage.locale, facts.known(markdown), Wording.of([markdown]))

    def shows_code(self, code: str) -> bool:
        """The very code, not a part of a longer word or path."""
        wanted, text = " ".join(code.split()), " ".join(self.markdown.split())
        return bool(wanted) and bool(
            re.search(rf"(?<![\w./-]){re.escape(wanted)}(?![\w/-])", text.replace("**", ""))
        )


@dataclass(slots=True)
class _Kept:
    """What has passed so far, in Markdown with the model's own ids."""

    blocks: list[list[tuple[str, Sentence]]] = field(default_factory=list)
    codes: list[Code] = field(default_factory=list)


def ground(output: str, passages: Sequence[Passage], locale: Locale) -> Grounded | Fallback:
    """The sentences of `output` that cite what supports them, or why it cannot be used."""
    text = markup.visible(output).strip()
    if not text:
        return Fallback.EMPTY
    if NO_ANSWER in text:
        return Fallback.NO_ANSWER
    if not wording.is_in(text, locale):
        return Fallback.WRONG_LANGUAGE
    check = _Check([_Source.of(passage) for passage in passages], locale)
    return check.run(markup.read(markup.write_ids_plainly(text)))
