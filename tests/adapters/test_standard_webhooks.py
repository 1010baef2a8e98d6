"""Secrets of webhooks: what is one, and that what one end signs the other believes."""

from datetime import UTC, datetime

import pytest

from bot.adapters.standard_webhooks import WebhookSecret
from bot.domain.desk_news import EventRefused
from bot.domain.errors import ConfigurationError
from tests.desk_books import SECRET

SETTING = "desks.webhook.secret"


@pytest.mark.parametrize(
    "secret", ["hunter2", "whsec_", "whsec_c2hvcnQ=", "whsec_%%%", "whsec_密钥"]
)
def test_what_is_no_secret_is_refused_by_the_name_of_its_setting(secret: str) -> None:
    with pytest.raises(ConfigurationError, match=SETTING) as refused:
        WebhookSecret(secret, SETTING)
    assert secret.removeprefix("whsec_") not in str(refused.value) or secret == "whsec_"


def test_what_is_signed_is_believed() -> None:
    secret = WebhookSecret(SECRET, SETTING)
    headers = secret.sign("evt_1", datetime.now(UTC), "你好".encode())
    first = secret.verify(headers, "你好".encode())
    assert first.event == "evt_1"
    assert secret.verify(headers, "你好".encode()) == first


def test_without_a_secret_nothing_is_believed() -> None:
    headers = WebhookSecret(SECRET, SETTING).sign("evt_1", datetime.now(UTC), b"{}")
    with pytest.raises(EventRefused):
        WebhookSecret("", SETTING).verify(headers, b"{}")
