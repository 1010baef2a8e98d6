"""The manifest that users take is the one the code goes by."""

import json
import re
from pathlib import Path

import pytest

from bot.channels.slack.manifest import COMMANDS, EVENTS, SCOPES, build_manifest

ROOT = Path(__file__).parents[3]
FILE = ROOT / "docs" / "slack-app-manifest.json"
CALLED = re.compile(
    r'"((?:assistant|auth|bots|chat|conversations|reactions|users|views)\.[a-z]+[.\w]*)"'
)
KINDS = ("channels", "groups", "im", "mpim")
HISTORY = {f"{kind}:history" for kind in KINDS}
READ = {f"{kind}:read" for kind in KINDS}
# Of each method that is called with a bot's token, as Slack's reference has it: what it takes for
# every kind of channel that the app is in.
NEEDED: dict[str, set[str]] = {
    "assistant.threads.": {"assistant:write"},
    "assistant.threads.setSuggestedPrompts": {"assistant:write"},
    "auth.test": set(),
    "bots.info": {"users:read"},
    "chat.appendStream": {"chat:write"},
    "chat.delete": {"chat:write"},
    "chat.postEphemeral": {"chat:write"},
    "chat.postMessage": {"chat:write"},
    "chat.startStream": {"chat:write"},
    "chat.stopStream": {"chat:write"},
    "chat.update": {"chat:write"},
    "conversations.history": {*HISTORY, "metadata.message:read"},
    "conversations.info": READ,
    "conversations.open": {"im:write"},
    "conversations.replies": {*HISTORY, "metadata.message:read"},
    "reactions.add": {"reactions:write"},
    "users.conversations": READ,
    "users.info": {"users:read", "users:read.email"},
    "views.open": set(),
    "views.publish": set(),
}
# Slack refuses what is longer.
LONGEST = {"name": 35, "description": 140}
LONGEST_SHORTCUT, LONGEST_DESCRIPTION = 24, 150


def test_the_file_is_what_the_code_needs() -> None:
    assert json.loads(FILE.read_text("utf-8")) == build_manifest()


def test_socket_mode_needs_no_address() -> None:
    manifest = build_manifest()
    assert manifest["settings"]["socket_mode_enabled"]
    assert "http" not in json.dumps(manifest)


@pytest.mark.parametrize("site", ["https://help.test", "https://help.test/"])
def test_http_names_one_address_for_everything(site: str) -> None:
    manifest = build_manifest(site)
    settings = manifest["settings"]
    address = "https://help.test/slack/events"
    assert not settings["socket_mode_enabled"]
    assert settings["event_subscriptions"]["request_url"] == address
    assert settings["interactivity"]["request_url"] == address
    assert {one["url"] for one in manifest["features"]["slash_commands"]} == {address}
    assert manifest["oauth_config"]["redirect_urls"] == ["https://help.test/slack/oauth_redirect"]


def test_it_asks_for_what_is_listed_and_for_no_more() -> None:
    manifest = build_manifest()
    assert manifest["oauth_config"]["scopes"] == {"bot": sorted(SCOPES)}
    assert manifest["settings"]["event_subscriptions"]["bot_events"] == sorted(EVENTS)
    assert {one["command"] for one in manifest["features"]["slash_commands"]} == set(COMMANDS)


def test_every_method_that_is_called_has_its_scopes() -> None:
    sources = (ROOT / "bot" / "channels" / "slack").glob("*.py")
    called = {name for path in sources for name in CALLED.findall(path.read_text("utf-8"))}
    needed = set().union(*(NEEDED[name] for name in called))
    assert needed - set(SCOPES) == set()


def test_slack_takes_its_texts() -> None:
    manifest = build_manifest()
    for name, longest in LONGEST.items():
        assert len(manifest["display_information"][name]) <= longest
    for shortcut in manifest["features"]["shortcuts"]:
        assert len(shortcut["name"]) <= LONGEST_SHORTCUT
        assert len(shortcut["description"]) <= LONGEST_DESCRIPTION
