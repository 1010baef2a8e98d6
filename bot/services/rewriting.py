"""A follow-up put so that it stands alone, in a chat model's words where they can be trusted."""

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.conversation import Author, Locale, Message
from bot.domain.text import count_words
from bot.domain.understanding import REWRITTEN, Understanding
from bot.ports import ChatModel, Prompts
from bot.services import asking, facts, markup, wording
from bot.services.completion import PromptedChat, as_data
from bot.services.grounding import Fallback
from bot.services.statements import Statement, says_something

ACT = "rewrite"
TIMEOUT_S = 1.2  # with 5 s for the first words of the answer a turn stays below 8 s
OUTPUT_CHARACTERS = 600
MOST_WORDS = {Locale.EN: 50, Locale.ZH: 100}  # a Chinese character counts
MESSAGES = 6  # of the conversation
MESSAGE_CHARACTERS = 500
SPEAKERS = {Author.CUSTOMER: "customer", Author.BOT: "bot", Author.AGENT: "agent"}


class Rewriter:
    def __init__(self, chat: ChatModel, prompts: Prompts, timeout_s: float = TIMEOUT_S) -> None:
        self._chat = PromptedChat(chat, prompts, ACT, timeout_s, OUTPUT_CHARACTERS)

    async def rewrite(
        self, understanding: Understanding, history: Sequence[Message]
    ) -> Understanding:
        """With the model's question, or with the reason why the wording's own one stands."""
        spoken = [m for m in history if m.author in SPEAKERS][-MESSAGES:]
        said = [m.text[:MESSAGE_CHARACTERS] for m in spoken]
        speakers = [SPEAKERS[m.author] for m in spoken]
        lines = (f"{who}: {' '.join(t.split())}" for who, t in zip(speakers, said, strict=True))
        output = await self._chat.complete(
            understanding.locale,
            {},
            {
                "conversation": as_data("\n".join(lines)),
                "message": as_data(understanding.text[:MESSAGE_CHARACTERS]),
            },
        )
        if isinstance(output, Fallback):
            return replace(understanding, rewriting=output.value)
        question = markup.visible(output).strip()
        if fault := find_fault(question, understanding.text, said, understanding.locale):
            return replace(understanding, rewriting=fault.value)
        return replace(
            understanding, question=question, background="", reliance=0.0, rewriting=REWRITTEN
        )


def find_fault(question: str, message: str, said: Sequence[str], locale: Locale) -> Fallback | None:
    """Why a question is not what the message asks after what was said; None where it may be."""
    if not question:
        return Fallback.EMPTY
    if "\n" in question or count_words(question) > MOST_WORDS[locale]:
        return Fallback.TOO_LONG
    if not wording.is_in(question, locale):
        return Fallback.WRONG_LANGUAGE
    told = "\n".join([*said, message])
    if not (asking.keeps_to(question, told) and _keeps(question, message)):
        return Fallback.UNGROUNDED
    return None


def _keeps(question: str, message: str) -> bool:
    """It still asks what the message asks: its numbers, and one of its words if it has any."""
    known = facts.known(question)
    if not all(facts.is_supported(fact, known) for fact in facts.stated(message)):
        return False
    words = {word for word in Statement(message).words if says_something(word)}
    return not words or bool(words & Statement(question).words)
