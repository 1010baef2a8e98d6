"""What Slack says of a token and of a channel, for whoever looks at a set-up."""

from collections.abc import Mapping
from typing import Any

from aiohttp import ClientError
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.desk_news import Finding

REINSTALL = "add it under OAuth & Permissions, and reinstall the app"
TOKEN_ERRORS = {
    "invalid_auth": "it is no token of Slack, or one that was revoked",
    "not_authed": "it is no token of Slack",
    "token_revoked": "it was revoked: reinstall the app",
    "token_expired": "it has expired: switch token rotation off, or reinstall the app",
    "account_inactive": "the app was removed from the workspace: install it again",
    "not_allowed_token_type": "it is a token of another kind: bot tokens begin with xoxb-, app "
    "tokens with xapp-",
    "missing_scope": "it has no scope connections:write",
}


async def ask(client: AsyncWebClient, method: str, **arguments: Any) -> tuple[Any, str]:
    """The answer, or None and why not."""
    try:
        return await client.api_call(method, params=arguments), ""
    except SlackClientError as error:
        response = getattr(error, "response", None)
        return None, str(response.get("error", error)) if response is not None else str(error)
    except (ClientError, OSError, TimeoutError) as error:
        return None, f"nothing ({type(error).__name__}); is it reached from here?"


def scopes_of(headers: Mapping[str, str]) -> frozenset[str]:
    named = {name.lower(): value for name, value in headers.items()}
    return frozenset(filter(None, named.get("x-oauth-scopes", "").replace(" ", "").split(",")))


def why_no_token(error: str) -> str:
    return TOKEN_ERRORS.get(error, f"Slack says {error}")


def of_channel(use: str, channel: str, answer: Any, error: str) -> Finding:
    """What `conversations.info` said of it, or why it did not."""
    if answer is None:
        way_out = {
            "channel_not_found": "there is no such channel, or it is private and the app is not in "
            "it: give the id (C…) from the channel's details, and /invite the app",
            "missing_scope": f"scope channels:read or groups:read is missing: {REINSTALL}",
        }.get(error, f"Slack says {error}")
        return Finding(f"the {use} channel {channel} is there", way_out)
    found = answer["channel"]
    what = f"the {use} channel #{found.get('name', channel)} can be used"
    if found.get("is_archived"):
        return Finding(what, "it is archived: unarchive it, or choose another")
    if not found.get("is_member"):
        return Finding(what, "the app is not in it: type /invite @Firstline there")
    if use != "auto-answer" and (found.get("is_ext_shared") or found.get("is_pending_ext_shared")):
        return Finding(what, "it is shared with another company, who would read what is internal")
    return Finding(what)
