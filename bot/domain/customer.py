"""Whom the company vouches for: a customer as its own systems know them."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.conversation import Locale
from bot.domain.errors import BotError


class Tier(StrEnum):
    """What the customer pays for, which decides how soon a person answers."""

    BASIC = "basic"
    PREMIUM = "premium"
    ENTERPRISE = "enterprise"


@dataclass(frozen=True, slots=True)
class Customer:
    id: str  # the company's own id of the customer
    name: str | None = None
    email: str | None = None
    organisation: str | None = None
    tier: Tier = Tier.BASIC
    locale: Locale | None = None


class RefusalReason(StrEnum):
    """Why an identity is not believed; told to whoever integrates the widget."""

    NOT_CONFIGURED = "not-configured"
    TOO_LONG = "too-long"
    MALFORMED = "malformed"
    WRONG_ALGORITHM = "wrong-algorithm"
    UNKNOWN_KEY = "unknown-key"
    BAD_SIGNATURE = "bad-signature"
    MISSING_CLAIM = "missing-claim"
    INVALID_CLAIM = "invalid-claim"
    WRONG_AUDIENCE = "wrong-audience"
    EXPIRED = "expired"
    EXPIRY_TOO_FAR = "expiry-too-far"
    NOT_YET_VALID = "not-yet-valid"


class IdentityRefused(BotError):
    """The proof of identity does not hold."""

    def __init__(self, reason: RefusalReason) -> None:
        super().__init__(f"identity refused: {reason.value}")
        self.reason = reason
