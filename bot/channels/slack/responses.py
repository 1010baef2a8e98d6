"""Answers by the address that came with a command or a click: seen by whoever was there, also
where the app is no member. It works for half an hour, five times."""

from collections.abc import Sequence
from typing import Any

import aiohttp
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.channels.slack.elements import Block
from bot.channels.slack.refusals import SlackOutcomeUnknown, SlackRefused, SlackUnavailable

METHOD = "response_url"
TIMEOUT_S = 15


class Responses:
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
