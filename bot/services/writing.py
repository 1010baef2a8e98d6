"""An answer in a chat model's words: the passages go in as data, only what they say comes out."""

import asyncio
import logging
import re
from collections.abc import Sequence

from bot.domain.conversation import Locale
from bot.domain.errors import ModelUnavailable
from bot.domain.knowledge import Passage
from bot.domain.text import strip_links
from bot.domain.understanding import Understanding
from bot.ports import ChatModel, Prompts, Similarity
from bot.services.completion import PromptedChat, as_data
from bot.services.grounding import Fallback, Grounded, ground

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


class Writer:
    def __init__(
        self,
        chat: ChatModel,
        prompts: Prompts,
        timeout_s: float = TIMEOUT_S,
        similarity: Similarity | None = None,
    ) -> None:
        """`timeout_s`: for the whole text. Without `similarity` an answer in another language than
        its sources is only compared in what can be compared exactly."""
        self.model = chat.name
        self._chat = PromptedChat(chat, prompts, ACT, timeout_s, OUTPUT_CHARACTERS)
        self._similarity = similarity

    async def write(
        self, understanding: Understanding, passages: Sequence[Passage]
    ) -> Grounded | Fallback:
        """Never raises for what the model does; the passages are best first."""
        given = passages[:MOST_PASSAGES]
        if not given:
            return Fallback.NO_ANSWER
        locale = understanding.locale
        output = await self._chat.complete(
            locale,
            {"language": LANGUAGE[locale], "words": str(MOST_WORDS[locale])},
            {
                "question": as_data(understanding.question)[:QUESTION_CHARACTERS],
                "context": as_data(understanding.context)[-CONTEXT_CHARACTERS:],
                "passages": "\n\n".join(_numbered(n, p) for n, p in enumerate(given, 1)),
            },
        )
        if isinstance(output, Fallback):
            return output
        try:
            # Vectors and alignments take milliseconds of a core.
            return await asyncio.to_thread(
                ground, output, given, locale, understanding.text, self._similarity
            )
        except ModelUnavailable as error:
            log.warning("answer not checked: %s", error)
            return Fallback.UNAVAILABLE


def _numbered(n: int, passage: Passage) -> str:
    """`[n]` and the headings, then the text inside a fence longer than any in it."""
    text = as_data(strip_links(passage.text))[:PASSAGE_CHARACTERS]
    headings = dict.fromkeys((passage.title, *passage.heading_path))
    head = " > ".join(as_data(" ".join(heading.split())) for heading in headings)
    longest = max(map(len, re.findall(r"~+", text)), default=0)
    fence = "~" * max(3, longest + 1)
    return f"[{n}] {head}\n{fence}\n{text}\n{fence}"
