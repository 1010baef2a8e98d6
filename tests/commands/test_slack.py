"""`firstline slack check` and `manifest` say what to set up, and never a secret."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.channels.slack.manifest import build_manifest
from bot.cli import app
from bot.commands.slack import slack_access
from bot.domain.errors import BotError
from bot.settings import load_settings


def config(folder: Path, **slack: str) -> str:
    path = folder / "firstline.toml"
    lines = [f"{name} = {json.dumps(value)}" for name, value in slack.items()]
    path.write_text("\n".join(("[slack]", *lines)))
    return str(path)


@pytest.mark.parametrize("as_json", [False, True])
def test_without_slack_it_says_where_to_begin(tmp_path: Path, as_json: bool) -> None:
    arguments = ["slack", "check", "--config", config(tmp_path)]
    result = CliRunner().invoke(app, arguments + ["--json"] * as_json)
    assert result.exit_code == 1
    assert isinstance(result.exception, BotError)
    assert "slack.bot_token" in result.output
    assert "slack.signing_secret" in result.output
    if as_json:
        assert [one["ok"] for one in json.loads(result.output)] == [False, False]


def test_socket_mode_needs_its_token(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["slack", "--config", config(tmp_path)])
    assert result.exit_code == 1
    assert isinstance(result.exception, BotError)
    assert "slack.app_token" in str(result.exception)


def test_what_is_set_is_looked_at(tmp_path: Path) -> None:
    given = {
        "bot_token": "xoxb-1",
        "app_token": "xapp-1",
        "signing_secret": "secret",
        "triage_channel": "C1",
        "auto_channels": "C2, C3",
        "internal_channels": "C4",
    }
    access = slack_access(load_settings(Path(config(tmp_path, **given))))
    assert access.bot_token == "xoxb-1"
    assert access.app_token == "xapp-1"
    assert access.triage_channel == "C1"
    assert access.auto_channels == ("C2", "C3")
    assert access.internal_channels == ("C4",)
    assert not access.several


def test_several_workspaces_need_no_token_here(tmp_path: Path) -> None:
    given = {"client_id": "1.2", "client_secret": "s", "signing_secret": "s"}
    path = config(tmp_path, **given)
    assert slack_access(load_settings(Path(path))).several
    result = CliRunner().invoke(app, ["slack", "check", "--config", path])
    assert result.exit_code == 0
    assert "MISSING" not in result.output


@pytest.mark.parametrize("site", ["", "https://help.example.com"])
def test_the_manifest_is_printed(site: str) -> None:
    result = CliRunner().invoke(app, ["slack", "manifest"] + ["--site", site] * bool(site))
    assert result.exit_code == 0
    assert json.loads(result.output) == build_manifest(site)


def test_slack_posts_to_no_open_address() -> None:
    result = CliRunner().invoke(app, ["slack", "manifest", "--site", "http://help.example.com"])
    assert result.exit_code == 2
