"""The manifest that users take is the one the code goes by."""

import json
from pathlib import Path

import pytest

from bot.channels.slack.manifest import COMMANDS, EVENTS, SCOPES, build_manifest

FILE = Path(__file__).parents[3] / "docs" / "slack-app-manifest.json"
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


def test_slack_takes_its_texts() -> None:
    manifest = build_manifest()
    for name, longest in LONGEST.items():
        assert len(manifest["display_information"][name]) <= longest
    for shortcut in manifest["features"]["shortcuts"]:
        assert len(shortcut["name"]) <= LONGEST_SHORTCUT
        assert len(shortcut["description"]) <= LONGEST_DESCRIPTION
