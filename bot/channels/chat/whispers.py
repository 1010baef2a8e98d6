"""What one person alone is told of what they clicked on, in their language."""

import logging

from bot.channels.chat.program import Click, Program
from bot.channels.chat.sheet import Paragraph, Sheet
from bot.channels.chat.text import Words
from bot.domain.outbox import DeskRefused
from bot.ports import Prompts

log = logging.getLogger(__name__)


class Whispers:
    def __init__(self, program: Program, prompts: Prompts, act: str) -> None:
        self._program = program
        self._prompts = prompts
        self._act = act

    async def tell(self, click: Click, name: str) -> None:
        """Where they clicked; that they cannot be told there is no harm. Raises
        DeskUnavailable."""
        if click.at is None:
            return
        locale = await self._program.people.locale(click.team, click.user)
        said = Words(self._prompts, self._act, locale).text(name)
        try:
            sheet = Sheet(said, (Paragraph(((said,),)),))
            await self._program.wall.whisper(click.at, click.user, sheet)
        except DeskRefused as error:
            log.info("somebody was not told %s: %s", name, error)
