"""Answers by the address that came with a command or a click: seen by whoever was there, also
where the app is no member. It works for half an hour, five times."""

import logging
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.channels.slack.calls import API_URL
from bot.channels.slack.elements import Block
from bot.channels.slack.refusals import SlackOutcomeUnknown, SlackRefused, SlackUnavailable

log = logging.getLogger(__name__)

METHOD = "response_url"
HOSTS = ("https://hooks.slack.com/", "https://hooks.slack-gov.com/")
TIMEOUT_S = 15


class Responses:
    def __init__(self, api_url: str = API_URL) -> None:
        """`api_url`: of the Web API; what is on its host is Slack's as well."""
        self._api_url = api_url

    async def tell(self, url: str, text: str, blocks: Sequence[Block] = ()) -> None:
        """To the one who asked; others do not see it. Raises SlackRefused once it is too late,
        SlackUnavailable, SlackOutcomeUnknown."""
        shown = {"blocks": list(blocks)} if blocks else {}
        await self._send(
            url, {"response_type": "ephemeral", "replace_original": False, "text": text, **shown}
        )

    async def tell_everybody(self, url: str, text: str, blocks: Sequence[Block]) -> None:
        """Likewise."""
        body = {"response_type": "in_channel", "replace_original": False, "text": text}
        quiet = {"unfurl_links": False, "unfurl_media": False}
        await self._send(url, {**body, **quiet, "blocks": list(blocks)})

    async def take_back(self, url: str) -> None:
        """What the click was in. Likewise."""
        await self._send(url, {"delete_original": True})

    async def _send(self, url: str, body: dict[str, Any]) -> None:
        if not is_of_slack(url, self._api_url):
            log.warning("not posted to a %s that is none of Slack's", METHOD)
            raise SlackRefused(METHOD, "not_of_slack")
        # No retries of its own: it would say again what had been said.
        client = AsyncWebhookClient(url, timeout=TIMEOUT_S, retry_handlers=[])
        try:
            answer = await client.send_dict(body)
        except aiohttp.ClientConnectorError as error:
            raise SlackUnavailable(f"Slack is out of reach: {type(error).__name__}") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise SlackOutcomeUnknown(
                f"no answer from a {METHOD}: {type(error).__name__}"
            ) from error
        if answer.status_code == 429:
            raise SlackUnavailable(f"Slack puts a {METHOD} off", 1.0)
        if answer.status_code >= 500:
            raise SlackOutcomeUnknown(f"Slack failed at a {METHOD}: {answer.status_code}")
        if answer.status_code >= 400:
            raise SlackRefused(METHOD, answer.body[:80] or str(answer.status_code))


def is_of_slack(url: str, api_url: str) -> bool:
    return url.startswith(HOSTS) or _host_of(url) == _host_of(api_url)


def _host_of(url: str) -> tuple[str, str]:
    """And how it is spoken to; empty where it is no address."""
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname or ""
    except ValueError:
        return "", ""
