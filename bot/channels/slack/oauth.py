"""How a workspace installs the app: `/slack/install` leads to Slack, which leads back."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from html import escape

from fastapi import APIRouter, FastAPI, Request, Response
from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.oauth.async_callback_options import (
    AsyncCallbackOptions,
    AsyncFailureArgs,
    AsyncSuccessArgs,
)
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.slack.installation import SealedInstallations, SealedStates
from bot.channels.slack.manifest import INSTALL_PATH, REDIRECT_PATH, SCOPES
from bot.domain.conversation import Locale
from bot.ports import Prompts

log = logging.getLogger(__name__)

ACT = "slack_install"
# What went wrong, by Slack's word for it; all else is told as a failure to try again.
_TOLD = {"access_denied": "declined", "invalid_state": "late", "invalid_browser": "late"}

router = APIRouter()


@dataclass(frozen=True, slots=True)
class AppCredentials:
    client_id: str
    client_secret: str
    api_url: str = "https://slack.com/api/"


def build_installing(
    credentials: AppCredentials,
    installations: SealedInstallations,
    states: SealedStates,
    prompts: Prompts,
    locale: Locale,
) -> "Installing":
    pages = InstallPages(prompts, locale)
    settings = AsyncOAuthSettings(
        client_id=credentials.client_id,
        client_secret=credentials.client_secret,
        scopes=sorted(SCOPES),
        user_scopes=[],
        install_path=INSTALL_PATH,
        install_page_rendering_enabled=False,
        redirect_uri_path=REDIRECT_PATH,
        installation_store=installations,
        installation_store_bot_only=True,
        state_store=states,
        callback_options=AsyncCallbackOptions(success=pages.installed, failure=pages.failed),
    )
    client = AsyncWebClient(base_url=credentials.api_url)
    return Installing(AsyncOAuthFlow(client=client, settings=settings))


class Installing:
    def __init__(self, flow: AsyncOAuthFlow) -> None:
        self._flow = flow

    async def begin(self, request: Request) -> Response:
        asked = to_async_bolt_request(request, b"")
        return to_starlette_response(await self._flow.handle_installation(asked))

    async def finish(self, request: Request) -> Response:
        asked = to_async_bolt_request(request, b"")
        return to_starlette_response(await self._flow.handle_callback(asked))


class InstallPages:
    def __init__(self, prompts: Prompts, locale: Locale) -> None:
        self._say = partial(prompts.text, ACT, locale)
        self._locale = locale

    async def installed(self, done: AsyncSuccessArgs) -> BoltResponse:
        installation = done.installation
        log.info("installed at Slack: team=%s", installation.team_id)
        return self._page(200, self._say("done", team=installation.team_name or ""))

    async def failed(self, done: AsyncFailureArgs) -> BoltResponse:
        log.warning("not installed at Slack: %s", done.reason)
        text = self._say(_TOLD.get(done.reason, "failed"))
        return self._page(done.suggested_status_code, text)

    def _page(self, status: int, text: str) -> BoltResponse:
        title = escape(self._say("title"))
        body = (
            f'<!doctype html><html lang="{self._locale.value}"><meta charset="utf-8">'
            f"<title>{title}</title><h1>{title}</h1><p>{escape(text)}</p>"
        )
        headers: dict[str, str | Sequence[str]] = {"Content-Type": "text/html; charset=utf-8"}
        return BoltResponse(status=status, body=body, headers=headers)


def mount_installation(app: FastAPI, installing: Installing) -> None:
    app.state.slack_installing = installing
    app.include_router(router)


@router.get(INSTALL_PATH, include_in_schema=False)
async def begin(request: Request) -> Response:
    installing: Installing = request.app.state.slack_installing
    return await installing.begin(request)


@router.get(REDIRECT_PATH, include_in_schema=False)
async def finish(request: Request) -> Response:
    installing: Installing = request.app.state.slack_installing
    return await installing.finish(request)
