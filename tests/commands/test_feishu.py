"""`firstline feishu` and its check say what to set up, and never a secret."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.channels.chat.rooms import Rooms
from bot.channels.feishu import connection
from bot.cli import app
from bot.commands.feishu import feishu_access
from bot.domain.errors import BotError, ConfigurationError
from bot.settings import load_settings
from tests.feishu_server import APP_ID, APP_SECRET, GROUP, feishu_server


def config(folder: Path, **feishu: str) -> Path:
    path = folder / "firstline.toml"
    lines = [f"{name} = {json.dumps(value)}" for name, value in feishu.items()]
    path.write_text("\n".join(("[feishu]", *lines)))
    return path


@pytest.mark.parametrize("as_json", [False, True])
def test_without_an_app_it_says_where_to_begin(tmp_path: Path, as_json: bool) -> None:
    arguments = ["feishu", "check", "--config", str(config(tmp_path))]
    result = CliRunner().invoke(app, arguments + ["--json"] * as_json)
    assert result.exit_code == 1
    assert isinstance(result.exception, BotError)
    assert "feishu.app_id" in result.output
    if as_json:
        assert [one["ok"] for one in json.loads(result.output)] == [False]


def test_without_an_app_there_is_nothing_to_connect(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["feishu", "--config", str(config(tmp_path))])
    assert isinstance(result.exception, ConfigurationError)
    assert "feishu.app_id" in str(result.exception)


def test_without_the_extra_the_check_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "find_spec", lambda name: None)
    result = CliRunner().invoke(app, ["feishu", "check", "--config", str(config(tmp_path))])
    assert isinstance(result.exception, ConfigurationError)
    assert "firstline[feishu]" in str(result.exception)


async def test_what_feishu_answers_is_told(tmp_path: Path) -> None:
    async with feishu_server() as feishu:
        feishu.scopes.discard("cardkit:card:write")
        path = config(
            tmp_path,
            app_id=APP_ID,
            app_secret=APP_SECRET,
            domain=feishu.url,
            triage_channel=GROUP,
        )
        arguments = ["feishu", "check", "--config", str(path), "--json"]
        result = await asyncio.to_thread(CliRunner().invoke, app, arguments)
    found = json.loads(result.output)
    wrong = [one for one in found if not one["ok"]]
    assert [one["what"] for one in wrong] == ["permission cardkit:card:write"]
    assert result.exit_code == 1
    assert APP_SECRET not in result.output


def test_what_is_set_is_looked_at(tmp_path: Path) -> None:
    given = {
        "app_id": "cli_1",
        "verification_token": "t",
        "encrypt_key": "k",
        "triage_channel": "oc_1",
        "auto_channels": "oc_2, oc_3",
        "internal_channels": "oc_4",
    }
    settings = load_settings(config(tmp_path, **given))
    access = feishu_access(settings)
    assert access.app_id == "cli_1"
    assert access.rooms == Rooms("oc_1", auto=("oc_2", "oc_3"), internal=("oc_4",))
    assert access.is_posted_to
    assert not settings.feishu.connected.is_posted_to


@pytest.mark.parametrize(
    "domain", ["open.feishu.cn", "https://open.feishu.cn/open-apis", "ftp://x"]
)
def test_a_domain_is_an_address(tmp_path: Path, domain: str) -> None:
    with pytest.raises(ConfigurationError, match=r"feishu\.domain"):
        load_settings(config(tmp_path, domain=domain))
    settings = load_settings(config(tmp_path, domain="http://127.0.0.1:8080/"))
    assert settings.feishu.domain == "http://127.0.0.1:8080"
