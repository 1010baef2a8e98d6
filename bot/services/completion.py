"""A chat model asked by the prompts of one act: its whole text, in bounded time and length."""

import asyncio
import logging
import re
from collections.abc import AsyncGenerator, Mapping

from bot.domain.conversation import Locale
from bot.domain.errors import ModelUnavailable
from bot.ports import ChatModel, Prompts
from bot.services.grounding import Fallback
from bot.services.markup import visible

log = logging.getLogger(__name__)

# The prompts' own fences: data must not be able to open or close them.
_PROMPT_TAG = re.compile(
    r"[<＜]\s*(/?\s*(?:passages?|question|conversation|message|options?)\b[^<>＞]*)[>＞]?", re.I
)


class PromptedChat:
    def __init__(
        self, chat: ChatModel, prompts: Prompts, act: str, timeout_s: float, most_characters: int
    ) -> None:
        """`timeout_s`: for the whole text."""
        self.name = chat.name
        self._chat = chat
        self._prompts = prompts
        self._act = act
        self._timeout_s = timeout_s
        self._most_characters = most_characters

    async def complete(
        self, locale: Locale, orders: Mapping[str, str], data: Mapping[str, str]
    ) -> str | Fallback:
        """Never raises for what the model does; `orders` fill the entry `system`, `data` `user`."""
        system = self._prompts.text(self._act, locale, "system", **orders)
        user = self._prompts.text(self._act, locale, "user", **data)
        try:
            async with asyncio.timeout(self._timeout_s):
                output = await self._gather(system, user)
        except TimeoutError:
            return Fallback.TIMEOUT
        except ModelUnavailable as error:
            log.warning("chat model: %s", error)
            is_late = isinstance(error.__cause__, TimeoutError)
            return Fallback.TIMEOUT if is_late else Fallback.UNAVAILABLE
        return output if len(output) <= self._most_characters else Fallback.TOO_LONG

    async def _gather(self, system: str, user: str) -> str:
        """The model's text, or as much of it as shows that it is too long."""
        stream = self._chat.stream(system, user)
        pieces, size = [], 0
        try:
            async for piece in stream:
                pieces.append(piece)
                size += len(piece)
                if size > self._most_characters:
                    break
        finally:
            if isinstance(stream, AsyncGenerator):
                await stream.aclose()
        return "".join(pieces)


def as_data(text: str) -> str:
    """Visible characters only, and no tag that the prompts use around their data."""
    return _PROMPT_TAG.sub(r"\1", visible(text)).strip()
