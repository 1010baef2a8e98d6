"""`firstline desks check`: what is missing, the way out, and the exit status."""

import json

import pytest
from typer.testing import CliRunner

from bot import cli
from bot.domain.errors import BotError

RUNNER = CliRunner()


def run(*arguments: str) -> tuple[str, Exception | None]:
    result = RUNNER.invoke(cli.app, ["desks", "check", *arguments])
    error = result.exception
    return result.stdout, error if isinstance(error, Exception) else None


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTLINE_DESKS__WEBHOOK__ADDRESS", "http://127.0.0.1:9/hook")


def test_without_a_desk_it_says_what_to_set() -> None:
    assert "desks.zendesk.address" in str(run()[1])
    assert "desks.servicenow.address" in str(run("servicenow")[1])


@pytest.mark.usefixtures("webhook")
def test_what_is_missing_has_a_way_out_and_fails() -> None:
    printed, error = run()
    assert isinstance(error, BotError)
    assert str(error) == "2 of 2 checks failed"
    assert "webhook  MISSING  a secret signs what is sent: set desks.webhook.secret" in printed


@pytest.fixture
def mail(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {
        "MAIL__ADDRESS": "support@example.com",
        "MAIL__SMTP": "smtp://127.0.0.1:9",
        "DESKS__MAIL__ADDRESS": "team@example.com",
        "DESKS__MAIL__SECRET": "s" * 32,
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"FIRSTLINE_{name}", value)


@pytest.mark.usefixtures("webhook", "mail")
def test_a_mailbox_is_a_desk_too(monkeypatch: pytest.MonkeyPatch) -> None:
    printed, error = run()
    assert "webhook  MISSING" in printed
    assert "mail  ok  tickets go to team@example.com" in printed
    assert "mail  MISSING  replies of agents are taken: set desks.mail.agents" in printed
    assert str(error) == "3 of 4 checks failed"
    monkeypatch.setenv("FIRSTLINE_DESKS__MAIL__AGENTS", "@example.com")
    assert run("mail") == (
        "mail  ok  tickets go to team@example.com\nmail  ok  replies of agents are taken\n",
        None,
    )


@pytest.mark.usefixtures("mail")
def test_a_secret_that_is_too_short_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTLINE_DESKS__MAIL__SECRET", "short")
    assert "desks.mail.secret" in str(run()[1])


@pytest.mark.usefixtures("webhook")
def test_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTAx"
    monkeypatch.setenv("FIRSTLINE_DESKS__WEBHOOK__SECRET", secret)
    printed, error = run("webhook", "--json")
    assert isinstance(error, BotError)
    found = {one["what"]: one for one in json.loads(printed)}
    assert found["a secret signs what is sent"]["ok"] is True
    assert "not reached" in found["the receiver takes an event"]["way_out"]
    assert secret.removeprefix("whsec_") not in printed


@pytest.mark.usefixtures("webhook")
def test_it_says_which_desk_is_not_set_up() -> None:
    said = "desk zendesk is not set up; set desks.zendesk.address"
    assert str(run("zendesk")[1]) == said
