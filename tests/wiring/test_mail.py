"""What of mail is built from its settings."""

import pytest
from pydantic import SecretStr

from bot.sections.mail import Mail
from bot.settings import Settings
from bot.wiring.mail import build_account, build_mailer

SUPPORT = "support@firstline.example"
PASSWORD = "secret"


def settings(smtp: str, user: str = "", password: str = PASSWORD) -> Settings:
    mail = Mail(
        address=SUPPORT,
        smtp=smtp,
        imap="imaps://imap.example.com",
        user=user,
        password=SecretStr(password),
    )
    return Settings(mail=mail)


@pytest.mark.parametrize(
    ("given", "user"),
    [
        (settings("smtps://smtp.example.com"), SUPPORT),
        (settings("smtp://smtp.example.com", user="u"), "u"),
        (settings("smtps://smtp.example.com", password=""), ""),
        (settings("smtp+plain://localhost"), ""),
        (settings("smtp+plain://localhost", user="u"), "u"),
    ],
)
def test_who_signs_in_to_send(given: Settings, user: str) -> None:
    assert build_mailer(given)._user == user


def test_both_servers_know_the_same_account() -> None:
    given = settings("smtps://smtp.example.com")
    account = build_account(given)
    assert account is not None
    assert account.user == build_mailer(given)._user
