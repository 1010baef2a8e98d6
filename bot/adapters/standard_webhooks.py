"""Standard Webhooks: events signed by a shared secret, in both directions."""

import binascii
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from hashlib import sha256

from standardwebhooks import Webhook, WebhookVerificationError

from bot.domain.desk_news import EventRefused, Seal
from bot.domain.errors import ConfigurationError

PREFIX = "whsec_"
LEAST_BYTES = 24  # of a secret, as the specification asks


class WebhookSecret:
    """Empty, it signs and believes nothing."""

    def __init__(self, secret: str, setting: str) -> None:
        """Raises ConfigurationError for one that is no secret, naming its setting."""
        self._secret = secret
        if secret and len(_decode(secret)) < LEAST_BYTES:
            raise ConfigurationError(
                f"setting {setting}: {PREFIX} and then {LEAST_BYTES} random bytes or more in Base64"
            )

    @property
    def is_set(self) -> bool:
        return bool(self._secret)

    @cached_property
    def _webhook(self) -> Webhook:
        return Webhook(self._secret)

    def sign(self, event: str, at: datetime, body: bytes) -> Mapping[str, str]:
        return {
            "webhook-id": event,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": self._webhook.sign(event, at, body.decode()),
        }

    def verify(self, headers: Mapping[str, str], body: bytes) -> Seal:
        """Raises EventRefused for what is forged, or older or newer than five minutes."""
        if not self.is_set:
            raise EventRefused("no secret is set for it")
        try:
            self._webhook.verify(body, dict(headers), json_parse=False)
        except WebhookVerificationError as error:
            raise EventRefused(str(error)) from error
        except ValueError as error:  # what is neither text nor a list of signatures
            raise EventRefused("it is not signed") from error
        signed = f"{headers['webhook-timestamp']}.{headers['webhook-id']}"
        return Seal(headers["webhook-id"], sha256(signed.encode()).hexdigest())


def _decode(secret: str) -> bytes:
    try:
        return binascii.a2b_base64(secret.removeprefix(PREFIX) + "==", strict_mode=False)
    except (binascii.Error, ValueError):
        return b""
