"""What one person alone is told of what they clicked on."""

import logging

from bot.channels.chat.program import Click, Program, Wall
from bot.channels.chat.sheet import Paragraph, Sheet
from bot.channels.chat.text import Words
from bot.domain.outbox import DeskRefused
from bot.ports import Prompts

log = logging.getLogger(__name__)


class Whispers:
    """In their own language."""

    def __init__(self, program: Program, prompts: Prompts, act: str) -> None:
        self._program = program
        self._prompts = prompts
        self._act = act

    async def tell(self, click: Click, name: str, **values: str) -> None:
        """Raises as `whisper`."""
        locale = await self._program.people.locale(click.team, click.user)
        said = Words(self._prompts, self._act, locale).text(name, **values)
        await whisper(self._program.wall, click, Sheet(said, (Paragraph(((said,),)),)))


async def whisper(wall: Wall, click: Click, sheet: Sheet) -> None:
    """Where they clicked; that they cannot be told there changes nothing. Raises DeskUnavailable,
    StoreError."""
    if click.at is None:
        return
    try:
        await wall.whisper(click.at, click.user, sheet)
    except DeskRefused as error:
        log.info("somebody was not told what became of a click: %s: %s", click.action, error)
