"""The page that agents work in, and the modules of its script."""

from string import Template

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from bot.channels.assets import (
    OWN,
    READS,
    AcceptEncoding,
    IfNoneMatch,
    find_asset,
    load_assets,
)
from bot.channels.inbox.access import Visiting
from bot.channels.inbox.pages import NOSCRIPT, STATIC, redirect_to_sign_in
from bot.channels.widget.articles import LANGUAGE_TAGS

MODULES = load_assets(STATIC / "inbox", ".js")

PAGE = Template("""<!doctype html>
<html lang="$lang">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content">
    <meta name="color-scheme" content="light dark">
    <meta name="robots" content="noindex">
    <title>$title · Firstline</title>
    <link rel="icon" href="/inbox/static/icon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/inbox/static/theme.css">
    <link rel="stylesheet" href="/inbox/static/workplace.css">
    <link rel="stylesheet" href="/inbox/static/conversation.css">
    <script type="module" src="/inbox/static/inbox/main.js"></script>
  </head>
  <body data-locale="$locale">
    <noscript>$noscript</noscript>
  </body>
</html>
""")  # noqa: E501
TITLES = {"en": "Inbox", "zh": "收件箱"}

router = APIRouter(include_in_schema=False)


@router.api_route("/inbox/static/inbox/{name}", methods=READS)
async def show_module(
    name: str, accept_encoding: AcceptEncoding = "", if_none_match: IfNoneMatch = ""
) -> Response:
    return find_asset(MODULES, name).respond(OWN, accept_encoding, if_none_match)


@router.api_route("/inbox", methods=READS)
async def show_workplace(request: Request, session: Visiting) -> Response:
    """In the agent's language; whoever is not signed in is sent to do so, and then comes back."""
    if session is None:
        return redirect_to_sign_in(request.scope["query_string"].decode(errors="replace"))
    locale = session.agent.locale
    page = PAGE.substitute(
        lang=LANGUAGE_TAGS[locale],
        locale=locale.value,
        title=TITLES[locale.value],
        noscript=NOSCRIPT[locale],
    )
    return HTMLResponse(page)
