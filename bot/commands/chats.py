"""What the commands of chat programs have in common."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from bot.commands.findings import tell_findings
from bot.domain.errors import BotError
from bot.sections.chat import ChatSection

if TYPE_CHECKING:
    from bot.channels.chat.rooms import Rooms
    from bot.domain.desk_news import Finding


def tell_check(look: "Coroutine[Any, Any, Sequence[Finding]]", *, as_json: bool) -> None:
    """Raises BotError where something is missing."""
    findings = asyncio.run(look)
    wrong = tell_findings(findings, as_json=as_json)
    if wrong:
        raise BotError(f"{wrong} of {len(findings)} checks failed")


def rooms_of(section: ChatSection) -> "Rooms":
    from bot.channels.chat.rooms import Rooms

    return Rooms(section.triage_channel, section.auto_channels, section.internal_channels)
