"""What the routes about agents take and give."""

from datetime import UTC
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints

from bot.domain.agent import Agent, AgentError, Role, normal_email
from bot.domain.conversation import Locale
from bot.domain.text import replace_unstorable
from bot.services.agent_administration import Invited, Member
from bot.services.confirmation import Answer, Demand
from bot.services.proving import Proof, Visit


def _clean(value: object) -> object:
    return replace_unstorable(value) if isinstance(value, str) else value


def _check_email(value: str) -> str:
    try:
        return normal_email(value)
    except AgentError as error:
        raise ValueError(str(error)) from error


Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    BeforeValidator(_clean),
]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
Code = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)]
Email = Annotated[str, BeforeValidator(_clean), AfterValidator(_check_email)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class SignInRequest(_Body):
    email: Annotated[str, StringConstraints(max_length=1000)]
    password: Secret
    code: Code | None = None


class InvitationRequest(_Body):
    token: Secret
    password: Secret
    code: Code | None = None


class PasswordRequest(_Body):
    current: Secret
    password: Secret
    code: Code | None = None


class ReauthRequest(_Body):
    password: Secret
    code: Code | None = None

    def proof(self, visit: Visit) -> Proof:
        return Proof(self.password, self.code, visit)


class CodeRequest(_Body):
    code: Code


class ProfileRequest(_Body):
    name: Name | None = None
    locale: Locale | None = None


class AgentRequest(ReauthRequest):
    email: Email
    name: Name
    role: Role = Role.AGENT
    team: Name | None = None
    locale: Locale = Locale.EN

    def agent(self) -> Agent:
        return Agent(self.email, self.name, role=self.role, team=self.team, locale=self.locale)


class ConfirmationRequest(_Body):
    """Empty to ask what would happen; the second time with the token, one's own password and a
    code if there is an app."""

    confirmation: Secret | None = None
    password: Secret | None = None
    code: Code | None = None

    def answer(self, visit: Visit) -> Answer | None:
        if self.confirmation is None or self.password is None:
            return None
        return Answer(self.confirmation, Proof(self.password, self.code, visit))


def agent_json(agent: Agent) -> dict[str, Any]:
    return {
        "id": agent.id,
        "email": agent.email,
        "name": agent.name,
        "role": agent.role,
        "team": agent.team,
        "locale": agent.locale,
        "active": agent.active,
    }


def member_json(member: Member) -> dict[str, Any]:
    return {
        **agent_json(member.agent),
        "has_password": member.has_password,
        "has_codes": member.has_codes,
    }


def invited_json(invited: Invited) -> dict[str, Any]:
    ends_at = invited.ends_at.astimezone(UTC).isoformat() if invited.ends_at else None
    return {
        "agent": agent_json(invited.agent),
        "invitation": invitation_path(invited.token) if invited.token else None,
        "invitation_ends_at": ends_at,
    }


def invitation_path(token: str) -> str:
    """Behind the # it stays in the browser: no server, proxy or log sees it."""
    return f"/inbox/sign-in#invitation={token}"


def demand_json(demand: Demand, impact: dict[str, Any]) -> dict[str, Any]:
    return {
        "confirmation": demand.token,
        "ends_at": demand.ends_at.astimezone(UTC).isoformat(),
        "impact": impact,
    }
