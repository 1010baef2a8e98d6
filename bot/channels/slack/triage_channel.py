"""Which channel of which workspace tickets are worked on in."""

from bot.channels.chat.place import Place
from bot.channels.slack.posting import Calls


class TriageChannel:
    def __init__(self, calls: Calls, name: str) -> None:
        """`name`: `C…`, or `T…/C…` where the app is in several workspaces."""
        self._calls = calls
        self._team, _, self._channel = name.rpartition("/")

    async def place(self) -> Place:
        """Raises DeskUnavailable, DeskRefused."""
        if not self._team:  # the one workspace whose token it is
            self._team = str((await self._calls.call("", "auth.test"))["team_id"])
        return Place(self._team, self._channel)

    async def is_around(self, at: Place) -> bool:
        return at.around == await self.place()
