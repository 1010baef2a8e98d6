"""The people who take over: agents, what they prove themselves by, and how long they are known."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.conversation import Locale, new_id, now
from bot.domain.errors import BotError

MAX_EMAIL_LENGTH = 254
# One @ between a name and a host; whether it exists only a letter to it could tell.
_EMAIL = re.compile(r"[^\s@<>\"\x00-\x1f]{1,64}@[^\s@<>\"\x00-\x1f]+\.[^\s@<>\"\x00-\x1f.]+")


class Role(StrEnum):
    AGENT = "agent"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Agent:
    email: str  # as `normal_email` gives it
    name: str
    id: str = field(default_factory=new_id)
    role: Role = Role.AGENT
    team: str | None = None
    locale: Locale = Locale.EN
    active: bool = True
    created_at: datetime = field(default_factory=now)

    @property
    def is_admin(self) -> bool:
        return self.active and self.role is Role.ADMIN


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an agent signs in with; never a password itself."""

    password_hash: str | None = None
    totp_secret: str | None = None  # of an enrolled authenticator app, as `OneTimeCodes` keeps it
    totp_pending: str | None = None  # of one that has not shown its first code yet
    totp_step: int | None = None  # of the last code that was used, so that none is used twice
    invitation_digest: str | None = None  # SHA-256 of the token that lets its holder set a password
    invitation_ends_at: datetime | None = None

    def opens_as(self, others: "Credentials") -> bool:
        """Whether the same password and app are asked for."""
        own = (self.password_hash, self.totp_secret)
        return own == (others.password_hash, others.totp_secret)


@dataclass(frozen=True, slots=True)
class AgentSession:
    """A signed-in agent, as the agent is now. The token is in the browser's cookie alone."""

    digest: str  # SHA-256 of the token
    agent: Agent
    created_at: datetime
    seen_at: datetime
    ends_at: datetime  # whatever is done until then


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a single-use token allows: one action of one agent on one object as it was seen."""

    digest: str  # SHA-256 of the token
    agent: str
    action: str
    object_digest: str


class AgentError(BotError):
    """What agents or who manages them cannot do; each says why."""


class AgentExists(AgentError):
    """Another agent has the e-mail address."""


class AgentChanged(AgentError):
    """Somebody else changed the agent in the meantime."""


class LastAdmin(AgentError):
    """Nobody would be left to manage agents."""


class WeakPassword(AgentError):
    """The password is too easily guessed."""


class CredentialsRefused(AgentError):
    """Unknown address, wrong password, wrong code, disabled: which one is not told."""


class CodeNeeded(AgentError):
    """The password is right; the one-time code is missing."""


class CodeUsed(CredentialsRefused):
    """The password is right, and so was the one-time code, once."""


class CodesUnreadable(AgentError):
    """The secret of an authenticator app was encrypted with a key that is not here; says which."""


class TooManyAttempts(AgentError):
    def __init__(self, wait_s: int) -> None:
        super().__init__(f"too many attempts; try again in {wait_s} seconds")
        self.wait_s = wait_s


class ConfirmationRefused(AgentError):
    """The token is used up, expired, for something else, or the object is not what it was."""


def normal_email(text: str) -> str:
    """In the form that agents are found by; raises AgentError for what is no address."""
    email = text.strip().lower()
    if len(email) > MAX_EMAIL_LENGTH or not _EMAIL.fullmatch(email):
        raise AgentError("that is no e-mail address; write it as name@example.com")
    return email
