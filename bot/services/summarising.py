"""What a customer wants in a chat model's words, believed only as far as the customer said it."""

import asyncio
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from bot.domain.conversation import Author, Locale, Message
from bot.domain.text import count_words
from bot.ports import ChatModel, Prompts
from bot.services import asking, markup, wording
from bot.services.alignment import retells
from bot.services.asks import MOST_ASKS
from bot.services.completion import PromptedChat, as_data
from bot.services.grounding import Fallback
from bot.services.rewriting import SPEAKERS
from bot.services.statements import Source

ACT = "packet"
TIMEOUT_S = 2.0
OUTPUT_CHARACTERS = 2_000
MOST_WORDS = {Locale.EN: 40, Locale.ZH: 80}  # of a line; a Chinese character counts
MESSAGES = 30  # the latest
MESSAGE_CHARACTERS = 600
_BOOK = tomllib.loads(files("bot.services").joinpath("summarising.toml").read_text("utf-8"))
_FRAME = re.compile("|".join(_BOOK["frames"]), re.IGNORECASE)
_BOLD = re.compile(r"\*\*(\S|\S.*?\S)\*\*")
_JOINT = re.compile(_BOOK["joints"], re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Summary:
    text: str  # one sentence
    asks: tuple[str, ...]  # still open


class Summariser:
    def __init__(self, chat: ChatModel, prompts: Prompts, timeout_s: float = TIMEOUT_S) -> None:
        self.model = chat.name
        self._chat = PromptedChat(chat, prompts, ACT, timeout_s, OUTPUT_CHARACTERS)

    async def summarise(self, messages: Sequence[Message], locale: Locale) -> Summary | Fallback:
        """Oldest first; never raises for what the model does."""
        spoken = [message for message in messages if message.author in SPEAKERS][-MESSAGES:]
        lines = (
            f"{SPEAKERS[message.author]}: {' '.join(message.text[:MESSAGE_CHARACTERS].split())}"
            for message in spoken
        )
        output = await self._chat.complete(
            locale,
            {"words": str(MOST_WORDS[locale])},
            {"conversation": as_data("\n".join(lines))},
        )
        if isinstance(output, Fallback):
            return output
        told = [message.text for message in spoken if message.author is Author.CUSTOMER]
        return await asyncio.to_thread(check, output, told, locale)


def check(output: str, told: Sequence[str], locale: Locale) -> Summary | Fallback:
    """Every line has to retell what the customer told: its numbers, names, words and denials."""
    plain = _BOLD.sub(r"\1", markup.visible(output))  # an agent reads it as it is
    lines = [line.strip() for line in plain.splitlines() if line.strip()]
    if not lines:
        return Fallback.EMPTY
    first, *others = lines
    asks = tuple(line.removeprefix("-").strip() for line in others)
    if len(asks) > MOST_ASKS or not all(line.startswith("-") for line in others):
        return Fallback.TOO_LONG
    said = "\n".join(told)
    source = Source.of(said, ())
    for line in (first, *asks):
        if count_words(line) > MOST_WORDS[locale]:
            return Fallback.TOO_LONG
        if not wording.is_in(line, locale):
            return Fallback.WRONG_LANGUAGE
        if not _is_told(line, said, source):
            return Fallback.UNGROUNDED
    return Summary(first, asks)


def _is_told(line: str, said: str, source: Source) -> bool:
    claim = _FRAME.sub("", line)
    parts = (part for part in _JOINT.split(claim) if part.strip())
    return (
        asking.keeps_to(claim, said)
        and retells(claim, [source])
        and all(retells(part, [source]) for part in parts)
    )
