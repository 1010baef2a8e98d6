"""An answer in a chat model's words: the passages go in as data, only what they say comes out."""

import asyncio
import logging
import re
from collections.abc import AsyncGenerator, Sequence

from bot.domain.conversation import Locale
from bot.domain.errors import ModelUnavailable
from bot.domain.knowledge import Passage
from bot.domain.text import strip_links
from bot.domain.understanding import Understanding
from bot.ports import ChatModel, Prompts
from bot.services.grounding import Fallback, Grounded, ground
from bot.services.markup import visible

log = logging.getLogger(__name__)

ACT = "answer"
LANGUAGE = {Locale.EN: "English", Locale.ZH: "中文"}
MOST_WORDS = {Locale.EN: 150, Locale.ZH: 300}
MOST_PASSAGES = 6
PASSAGE_CHARACTERS = 2_000
QUESTION_CHARACTERS = 1_000
CONTEXT_CHARACTERS = 2_000
OUTPUT_CHARACTERS = 8_000
TIMEOUT_S = 21.0  # just above the model's own limit, for one that does not keep it

# The prompts' own fences: data must not be able to open or close them.
_PROMPT_TAG = re.compile(
    r"[<＜]\s*(/?\s*(?:passages?|question|conversation)\b[^<>＞]*)[>＞]?", re.I
)


class Writer:
    def __init__(self, chat: ChatModel, prompts: Prompts, timeout_s: float = TIMEOUT_S) -> None:
        """`timeout_s`: for the whole text."""
        self.model = chat.name
        self._chat = chat
        self._prompts = prompts
        self._timeout_s = timeout_s

    async def write(
        self, understanding: Understanding, passages: Sequence[Passage]
    ) -> Grounded | Fallback:
        """Never raises for what the model does; the passages are best first."""
        given = passages[:MOST_PASSAGES]
        if not given:
            return Fallback.NO_ANSWER
        try:
            async with asyncio.timeout(self._timeout_s):
                output = await self._ask(understanding, given)
        except TimeoutError:
            return Fallback.TIMEOUT
        except ModelUnavailable as error:
            log.warning("chat model: %s", error)
            is_late = isinstance(error.__cause__, TimeoutError)
            return Fallback.TIMEOUT if is_late else Fallback.UNAVAILABLE
        if len(output) > OUTPUT_CHARACTERS:
            return Fallback.TOO_LONG
        return ground(output, given, understanding.locale)

    async def _ask(self, understanding: Understanding, passages: Sequence[Passage]) -> str:
        """The model's text, or as much of it as shows that it is too long."""
        system, user = self._render(understanding, passages)
        stream = self._chat.stream(system, user)
        pieces, size = [], 0
        try:
            async for piece in stream:
                pieces.append(piece)
                size += len(piece)
                if size > OUTPUT_CHARACTERS:
                    break
        finally:
            if isinstance(stream, AsyncGenerator):
                await stream.aclose()
        return "".join(pieces)

    def _render(self, understanding: Understanding, passages: Sequence[Passage]) -> tuple[str, str]:
        locale = understanding.locale
        system = self._prompts.text(
            ACT,
            locale,
            "system",
            language=LANGUAGE[locale],
            words=str(MOST_WORDS[locale]),
        )
        user = self._prompts.text(
            ACT,
            locale,
            "user",
            question=as_data(understanding.question)[:QUESTION_CHARACTERS],
            context=as_data(understanding.context)[-CONTEXT_CHARACTERS:],
            passages="\n\n".join(_numbered(n, p) for n, p in enumerate(passages, 1)),
        )
        return system, user


def as_data(text: str) -> str:
    """Visible characters only, and no tag that the prompt uses around its data."""
    return _PROMPT_TAG.sub(r"\1", visible(text)).strip()


def _numbered(n: int, passage: Passage) -> str:
    """`[n]` and the headings, then the text inside a fence longer than any in it."""
    text = as_data(strip_links(passage.text))[:PASSAGE_CHARACTERS]
    headings = dict.fromkeys((passage.title, *passage.heading_path))
    head = " > ".join(as_data(" ".join(heading.split())) for heading in headings)
    longest = max(map(len, re.findall(r"~+", text)), default=0)
    fence = "~" * max(3, longest + 1)
    return f"[{n}] {head}\n{fence}\n{text}\n{fence}"
