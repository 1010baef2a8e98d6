"""Which language somebody has chosen in Slack."""

from bot.channels.slack.posting import Calls
from bot.channels.slack.refusals import SlackRefused
from bot.domain.conversation import Locale


class Locales:
    def __init__(self, calls: Calls, default: Locale) -> None:
        self._calls = calls
        self._default = default

    async def of(self, team: str, user: str) -> Locale:
        """The default one where it is none of ours. Raises DeskUnavailable."""
        try:
            known = await self._calls.call(team, "users.info", user=user, include_locale=True)
        except SlackRefused:
            return self._default
        language = str(known["user"].get("locale") or "")[:2]
        return Locale(language) if language in set(Locale) else self._default
