"""`firstline slack check` and `manifest` say what to set up, and never a secret."""

import json
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from slack_sdk.oauth.installation_store import Bot
from typer.testing import CliRunner

from bot.adapters.fernet_seals import FernetSeals, ListedKeys, new_key
from bot.bootstrap import build_keys, open_store
from bot.channels.chat.rooms import Rooms
from bot.channels.slack.installation import SealedInstallations
from bot.channels.slack.manifest import SCOPES, build_manifest
from bot.cli import app
from bot.commands.slack import look, slack_access
from bot.domain.errors import BotError
from bot.settings import load_settings
from tests.slack_server import CHANNEL, Workspace, slack_server


def config(folder: Path, **slack: str) -> str:
    path = folder / "firstline.toml"
    lines = [f"{name} = {json.dumps(value)}" for name, value in slack.items()]
    home = f"home = {json.dumps(str(folder))}"
    path.write_text("\n".join((home, "[slack]", *lines)))
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
    else:
        assert "FIRSTLINE_SLACK__BOT_TOKEN in the environment" in result.output


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
    assert access.rooms == Rooms("C1", auto=("C2", "C3"), internal=("C4",))


async def test_each_of_several_workspaces_is_looked_into_by_its_token(tmp_path: Path) -> None:
    given = {"client_id": "1.2", "client_secret": "s", "signing_secret": "s"}
    path = Path(config(tmp_path, **given, triage_channel=f"T2/{CHANNEL}"))
    settings = load_settings(path)
    async with slack_server() as slack, AsyncExitStack() as stack:
        slack.add_workspace(Workspace("T2", "xoxb-2", scopes=",".join(SCOPES)))
        store = await open_store(settings)
        stack.push_async_callback(store.close)
        kept = SealedInstallations(store, FernetSeals(build_keys(settings)))
        lost = SealedInstallations(store, FernetSeals(ListedKeys(new_key(), "elsewhere")))
        for team, token, keeper in (
            ("T1", "xoxb-1", kept),
            ("T2", "xoxb-2", kept),
            ("T3", "", lost),
        ):
            bot = Bot(team_id=team, bot_token=token, bot_id="B", bot_user_id="U", installed_at=0.0)
            await keeper.async_save_bot(bot)
        findings = await look(settings, slack.url)
    told = {one.what: one.way_out for one in findings}
    assert told[f"the bot is @firstline of Example (T2), with all {len(SCOPES)} scopes"] == ""
    assert told["the triage channel #help can be used"] == ""
    assert "revoked" in told["the token of the workspace T1 is valid"]
    assert "former key" in told["the token of the workspace T3 is valid"]
    assert sum(bool(way_out) for way_out in told.values()) == 2


def test_several_workspaces_need_no_token_here(tmp_path: Path) -> None:
    given = {"client_id": "1.2", "client_secret": "s", "signing_secret": "s"}
    path = config(tmp_path, **given)
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
