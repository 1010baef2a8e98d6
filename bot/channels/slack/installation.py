"""The workspaces that installed the app: their tokens, sealed, in the database."""

import json
import logging
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

from bot.channels.slack import CHANNEL
from bot.channels.slack.events import team_of
from bot.channels.slack.manifest import INSTALL_PATH
from bot.domain.conversation import now
from bot.domain.errors import BotError
from bot.domain.inbound import InboundEvent
from bot.domain.outbox import DeskRefused, DeskUnavailable

log = logging.getLogger(__name__)

STATE_TIME = timedelta(minutes=10)
# Of a workspace only what answers there; the tokens of people are never asked for.
_KEPT = (
    *("app_id", "enterprise_id", "enterprise_name", "team_id", "team_name"),
    *("bot_token", "bot_id", "bot_user_id", "is_enterprise_install"),
)


class Seals(Protocol):
    def seal(self, text: str) -> str: ...

    def open(self, text: str) -> str:
        """Raises BotError."""
        ...

    def is_by_newest(self, text: str) -> bool: ...


class Installations(Protocol):
    async def save_installation(self, channel: str, key: str, sealed: str) -> None: ...

    async def installation(self, channel: str, key: str) -> str | None: ...

    async def installations(self, channel: str) -> Sequence[str]: ...

    async def forget_installation(self, channel: str, key: str) -> None: ...


class SealedInstallations(AsyncInstallationStore):
    """One for each workspace; what is installed again takes the place of what was."""

    def __init__(self, store: Installations, seals: Seals) -> None:
        self._store = store
        self._seals = seals

    async def installed(self) -> Sequence[str]:
        """The workspaces."""
        return await self._store.installations(CHANNEL)

    async def token(self, team: str) -> str:
        """Of the bot in a workspace. Raises DeskRefused where the app is not installed there,
        DeskUnavailable where its token cannot be read."""
        found = await self._read(team)
        if found is None or not found.get("bot_token"):
            raise DeskRefused(
                f"the workspace {team} has not installed the app, or removed it; {INSTALL_PATH} "
                "installs it"
            )
        return str(found["bot_token"])

    async def async_save(self, installation: Installation) -> None:
        await self._save(installation.to_bot(), installation.user_id)

    async def async_save_bot(self, bot: Bot) -> None:
        await self._save(bot, "")

    async def async_find_bot(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        is_enterprise_install: bool | None = False,
    ) -> Bot | None:
        found = await self._read(_key(enterprise_id, team_id))
        if found is None:
            return None
        found.pop("user_id")
        return Bot(installed_at=0.0, **found)

    async def async_find_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,
        is_enterprise_install: bool | None = False,
    ) -> Installation | None:
        """Whoever installed it: there is one for all of a workspace."""
        found = await self._read(_key(enterprise_id, team_id))
        return Installation(**found) if found is not None else None

    async def async_delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        await self._store.forget_installation(CHANNEL, _key(enterprise_id, team_id))

    async def async_delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        """The token of one person is nothing that is kept; without one it is the workspace's."""
        if user_id is None:
            await self.async_delete_bot(enterprise_id=enterprise_id, team_id=team_id)

    async def _save(self, bot: Bot, installer: str) -> None:
        kept = {name: getattr(bot, name) for name in _KEPT} | {"user_id": installer}
        await self._write(_key(bot.enterprise_id, bot.team_id), kept)

    async def _write(self, key: str, kept: dict[str, Any]) -> None:
        await self._store.save_installation(CHANNEL, key, self._seals.seal(json.dumps(kept)))

    async def _read(self, key: str) -> dict[str, Any] | None:
        """What an older key sealed is sealed anew, before that key is gone."""
        sealed = await self._store.installation(CHANNEL, key)
        if sealed is None:
            return None
        try:
            kept: dict[str, Any] = json.loads(self._seals.open(sealed))
        except (BotError, ValueError) as error:
            raise DeskUnavailable(
                f"the token of the workspace {key} cannot be read; put the former key of the store "
                f"back, or install the app there again ({INSTALL_PATH})"
            ) from error
        if not self._seals.is_by_newest(sealed):
            await self._write(key, kept)
        return kept


class Departures:
    """Of the bot's token; those of people are nothing that is kept."""

    def __init__(self, installations: SealedInstallations) -> None:
        self._installations = installations

    async def handle(self, event: InboundEvent) -> None:
        told = event.body["event"]
        if told["type"] == "tokens_revoked" and not (told.get("tokens") or {}).get("bot"):
            return
        team = team_of(event.body)
        log.warning("a workspace has removed the app: team=%s", team)
        await self._installations.async_delete_bot(enterprise_id=None, team_id=team)


class SealedStates(AsyncOAuthStateStore):
    """Each installation begins and ends within some minutes, in the same browser; nothing of it is
    kept here. Slack takes the code that comes with it once."""

    def __init__(self, seals: Seals, clock: Callable[[], datetime] = now) -> None:
        self._seals = seals
        self._clock = clock

    async def async_issue(self, *args: Any, **kwargs: Any) -> str:
        sealed = self._seals.seal(f"{self._clock().isoformat()} {secrets.token_urlsafe(16)}")
        return urlsafe_b64encode(sealed.encode()).decode().rstrip("=")

    async def async_consume(self, state: str) -> bool:
        try:
            sealed = urlsafe_b64decode(f"{state}{'=' * (-len(state) % 4)}").decode("ascii")
            if not self._seals.is_by_newest(sealed):
                return False
            begun = datetime.fromisoformat(self._seals.open(sealed).partition(" ")[0])
        except (NotBase64, ValueError, BotError):
            return False
        return timedelta() <= self._clock() - begun <= STATE_TIME


def _key(enterprise_id: str | None, team_id: str | None) -> str:
    return team_id or enterprise_id or ""
