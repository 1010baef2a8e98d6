"""Who works on tickets in Slack: people of the triage channel's own workspace."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bot.channels.slack import CHANNEL
from bot.channels.slack.posting import Calls
from bot.domain.agent import Agent, AgentError, normal_email
from bot.domain.desk_news import actor_at
from bot.domain.outbox import DeskRefused

log = logging.getLogger(__name__)


class AgentsByEmail(Protocol):
    async def agent_by_email(self, email: str) -> Agent | None: ...


@dataclass(frozen=True, slots=True)
class SlackAgent:
    actor: str  # the id of an agent of ours, or of somebody who acts at this desk
    user: str  # as Slack calls them


class SlackAgents:
    def __init__(self, calls: Calls, agents: AgentsByEmail) -> None:
        self._calls = calls
        self._agents = agents

    async def agent(self, team: str, user: str) -> SlackAgent | None:
        """None for somebody of another company, for a machine, and for an agent who was disabled.

        Whose mail address is an agent's is that agent: Slack has proved it. Raises as a desk.
        """
        try:
            found = (await self._calls.call(team, "users.info", user=user))["user"]
        except DeskRefused as error:
            log.warning("somebody at Slack is not known: user=%s: %s", user, error)
            return None
        if not _belongs(found, team) or found.get("is_bot") or found.get("deleted"):
            return None
        profile = found.get("profile") or {}
        known = await self._known(str(profile.get("email") or ""))
        if known is not None:
            return SlackAgent(known.id, user) if known.active else None
        return SlackAgent(actor_at(CHANNEL, _name(found, profile)), user)

    async def _known(self, email: str) -> Agent | None:
        try:
            return await self._agents.agent_by_email(normal_email(email)) if email else None
        except AgentError:
            return None


def _belongs(user: Mapping[str, Any], team: str) -> bool:
    """In an organisation of several workspaces a person belongs to more than one."""
    teams = (user.get("enterprise_user") or {}).get("teams", ())
    return not user.get("is_stranger") and (user.get("team_id") == team or team in teams)


def _name(user: Mapping[str, Any], profile: Mapping[str, Any]) -> str:
    names = (profile.get("display_name"), profile.get("real_name"), user.get("real_name"))
    return str(next(filter(None, names), "") or user.get("name") or user["id"])
