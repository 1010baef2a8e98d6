"""What the app has to be told of at Slack: scopes, events, commands. `docs/slack-app-manifest.json`
is this for Socket Mode; with a site it is for HTTP, and for several workspaces."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.channels.slack import PATH

INSTALL_PATH = "/slack/install"
REDIRECT_PATH = "/slack/oauth_redirect"

# Each with what does not work without it.
SCOPES: Mapping[str, str] = {
    "app_mentions:read": "mentions in channels are not heard",
    "assistant:write": "the assistant pane has no status, title or suggested prompts",
    "channels:history": "replies in threads of public channels are not heard",
    "channels:read": "nobody can tell whether the app is in a public channel",
    "chat:write": "nothing can be answered",
    "commands": "/ask, /support and the message shortcut are not there",
    "groups:history": "replies in threads of private channels are not heard",
    "groups:read": "nobody can tell whether the app is in a private channel",
    "im:history": "direct messages are not heard",
    "im:read": "direct messages from while the app was away are not found",
    "im:write": "/support cannot open a direct message",
    "metadata.message:read": "what became of an interrupted post cannot be looked up",
    "mpim:history": "group messages are not heard",
    "mpim:read": "nobody can tell whether the app is in a group message",
    "reactions:write": "agents do not see that their reply was sent",
    "users:read": "people have no names",
    "users:read.email": "agents are not known by their mail address, customers have none",
}
EVENTS: Mapping[str, str] = {
    "app_home_opened": "the Home tab stays empty",
    "app_mention": "mentions in channels are not heard",
    "app_uninstalled": "the token of a workspace that left is kept",
    "assistant_thread_context_changed": "the assistant pane does not know the channel beside it",
    "assistant_thread_started": "the assistant pane begins without suggested prompts",
    "message.channels": "replies in threads of public channels are not heard",
    "message.groups": "replies in threads of private channels are not heard",
    "message.im": "direct messages are not heard",
    "message.mpim": "group messages are not heard",
    "tokens_revoked": "a revoked token is tried again and again",
}
COMMANDS: Mapping[str, tuple[str, str]] = {
    "/ask": ("Ask a question; only you see the answer", "[question]"),
    "/support": ("Talk to a person", "[what it is about]"),
}
ASK_SHORTCUT = "ask_about_message"


def build_manifest(site: str = "") -> Mapping[str, Any]:
    """`site`: where this server is reached from outside, such as `https://help.example.com`; empty
    for Socket Mode, which needs no such place."""
    site = site.rstrip("/")
    oauth: dict[str, Any] = {"scopes": {"bot": sorted(SCOPES)}}
    if site:
        oauth = {"redirect_urls": [f"{site}{REDIRECT_PATH}"], **oauth}
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": "Firstline",
            "description": "Answers questions from your knowledge base, and brings a person.",
            "background_color": "#1f4b63",
        },
        "features": _features(site),
        "oauth_config": oauth,
        "settings": {
            "event_subscriptions": {**_url("request_url", site), "bot_events": sorted(EVENTS)},
            "interactivity": {"is_enabled": True, **_url("request_url", site)},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not site,
            "token_rotation_enabled": False,
        },
    }


def _features(site: str) -> Mapping[str, Any]:
    return {
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "assistant_view": {
            "assistant_description": "Answers from the knowledge base, with its sources.",
        },
        "bot_user": {"display_name": "Firstline", "always_online": True},
        "shortcuts": [
            {
                "name": "Ask Firstline about this",
                "type": "message",
                "callback_id": ASK_SHORTCUT,
                "description": "Answers the message from the knowledge base",
            }
        ],
        "slash_commands": _commands(site),
    }


def _commands(site: str) -> Sequence[Mapping[str, Any]]:
    return [
        {
            "command": command,
            **_url("url", site),
            "description": description,
            "usage_hint": hint,
            "should_escape": True,
        }
        for command, (description, hint) in COMMANDS.items()
    ]


def _url(name: str, site: str) -> Mapping[str, str]:
    return {name: f"{site}{PATH}"} if site else {}
