"""`firstline dingtalk` says what to set up, and never a secret."""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.channels.chat.rooms import Rooms
from bot.cli import app
from bot.commands.dingtalk import dingtalk_access
from bot.sections.dingtalk import DingTalk
from bot.settings import Settings, Web
from tests.dingtalk_server import CLIENT_ID, CLIENT_SECRET, dingtalk_server


def config(folder: Path, **dingtalk: str) -> str:
    path = folder / "config.toml"
    lines = [f"{name} = {json.dumps(value)}" for name, value in dingtalk.items()]
    path.write_text("\n".join(("[dingtalk]", *lines)))
    return str(path)


@pytest.mark.parametrize("as_json", [True, False])
def test_without_dingtalk_it_says_where_to_begin(tmp_path: Path, as_json: bool) -> None:
    arguments = ["dingtalk", "check", "--config", config(tmp_path)]
    result = CliRunner().invoke(app, [*arguments, "--json"] if as_json else arguments)
    assert result.exit_code != 0
    assert "dingtalk.client_id" in result.output


def test_out_of_reach_no_secret_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.channels.dingtalk.endpoint.ENDPOINT", "http://127.0.0.1:1")
    path = config(tmp_path, client_id="dingapp", client_secret="very-secret-thing")
    result = CliRunner().invoke(app, ["dingtalk", "check", "--config", path])
    assert result.exit_code != 0
    assert "out of reach" in result.output
    assert "very-secret-thing" not in result.output


async def test_dingtalk_is_where_the_environment_says(tmp_path: Path) -> None:
    """As DingTalk's own library reads it, before anything is imported."""
    given = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    async with dingtalk_server() as dingtalk:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot.cli", "dingtalk", "check", "--json"),
            *("--config", config(tmp_path, **given)),
            env={**os.environ, "DINGTALK_OPENAPI_ENDPOINT": dingtalk.url},
            stdout=asyncio.subprocess.PIPE,
        )
        told, _ = await process.communicate()
    findings = json.loads(told)
    assert len(findings) > 5
    assert all(one["ok"] for one in findings)
    assert process.returncode == 0


def test_it_does_not_start_without_an_app(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["dingtalk", "--config", config(tmp_path)])
    assert result.exit_code != 0
    assert "dingtalk.client_id" in str(result.exception)


def test_all_that_is_looked_at_comes_from_the_settings() -> None:
    section = DingTalk(client_id="dingapp", http=True, auto_channels=("cid1",))
    access = dingtalk_access(Settings(web=Web(site="https://help.example.com"), dingtalk=section))
    assert (access.client_id, access.http, access.site) == (
        "dingapp",
        True,
        "https://help.example.com",
    )
    assert access.rooms == Rooms(auto=("cid1",))
