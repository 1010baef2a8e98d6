"""Which room of a chat program tickets are worked on in."""

from collections.abc import Awaitable, Callable

from bot.channels.chat.place import Place

OwnTeam = Callable[[], Awaitable[str]]


class TriageRoom:
    def __init__(self, name: str, own_team: OwnTeam) -> None:
        """`name`: of the channel, or `team/channel` where the app is in several teams; else
        `own_team` tells whose program it is."""
        self._team, _, self._channel = name.rpartition("/")
        self._own_team = own_team

    async def place(self) -> Place:
        """Raises DeskUnavailable, DeskRefused."""
        if not self._team:
            self._team = await self._own_team()
        return Place(self._team, self._channel)

    async def is_around(self, at: Place) -> bool:
        return at.around == await self.place()
