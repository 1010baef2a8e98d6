"""What only they are told who clicked on what is not theirs, or is over."""

import logging

from bot.channels.chat.program import Click, Wall
from bot.channels.chat.sheet import Sheet
from bot.domain.outbox import DeskRefused

log = logging.getLogger(__name__)


async def whisper(wall: Wall, click: Click, sheet: Sheet) -> None:
    """Nothing is changed by that they cannot be told. Raises DeskUnavailable, StoreError."""
    if click.at is None:
        return
    try:
        await wall.whisper(click.at, click.user, sheet)
    except DeskRefused as error:
        log.info("somebody was not told what became of a click: %s: %s", click.action, error)
