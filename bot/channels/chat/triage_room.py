"""Which room of a chat program tickets are worked on in."""

from bot.channels.chat.place import Place
from bot.channels.chat.program import People


class TriageRoom:
    def __init__(self, name: str, people: People) -> None:
        """`name`: of the channel, or `team/channel` where the app is in several teams; else
        it is in the one whose program this is."""
        self._team, _, self._channel = name.rpartition("/")
        self._people = people

    async def place(self) -> Place:
        """Raises DeskUnavailable, DeskRefused."""
        if not self._team:
            self._team = await self._people.own_team()
        return Place(self._team, self._channel)

    async def is_around(self, at: Place) -> bool:
        """Raises nothing for other channels: where it is unknown, they are heard all the same."""
        return at.channel == self._channel and at.around == await self.place()
