"""A question back in a chat model's words; what is offered stays the titles of what was found."""

import re
from collections.abc import Sequence

from bot.domain.conversation import Locale
from bot.domain.text import count_words
from bot.domain.understanding import Understanding
from bot.ports import ChatModel, Prompts
from bot.services import asking, markup, wording
from bot.services.completion import PromptedChat, as_data
from bot.services.grounding import Fallback

ACT = "clarify"
TIMEOUT_S = 4.0  # the bot's own words ask as well
OUTPUT_CHARACTERS = 400
MOST_WORDS = {Locale.EN: 40, Locale.ZH: 70}  # a Chinese character counts
QUESTION_CHARACTERS = 1_000

_ASKS = re.compile(r"[^?？]+[?？]$")
_MARKUP = re.compile(r"[\[\]<>`*_|#]|\]\(")


class Clarifier:
    def __init__(self, chat: ChatModel, prompts: Prompts, timeout_s: float = TIMEOUT_S) -> None:
        self.model = chat.name
        self._chat = PromptedChat(chat, prompts, ACT, timeout_s, OUTPUT_CHARACTERS)

    async def ask(
        self, understanding: Understanding, options: Sequence[str]
    ) -> tuple[str, Fallback | None]:
        """The question, or an empty text and the reason why the bot's own one stands."""
        output = await self._chat.complete(
            understanding.locale,
            {},
            {
                "question": as_data(understanding.question)[:QUESTION_CHARACTERS],
                "options": "\n".join(f"- {as_data(' '.join(o.split()))}" for o in options),
            },
        )
        if isinstance(output, Fallback):
            return "", output
        text = markup.visible(output).strip()
        fault = find_fault(text, understanding, options)
        return ("", fault) if fault else (text, None)


def find_fault(text: str, understanding: Understanding, options: Sequence[str]) -> Fallback | None:
    """Why a text is not a question about the options; None where it is."""
    if not text:
        return Fallback.EMPTY
    if count_words(text) > MOST_WORDS[understanding.locale]:
        return Fallback.TOO_LONG
    if not wording.is_in(text, understanding.locale):
        return Fallback.WRONG_LANGUAGE
    told = "\n".join([understanding.question, understanding.context, *options])
    is_question = _ASKS.fullmatch(text) and "\n" not in text and not _MARKUP.search(text)
    return None if is_question and asking.keeps_to(text, told) else Fallback.UNGROUNDED
