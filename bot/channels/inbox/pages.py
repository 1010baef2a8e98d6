"""The inbox's pages: an empty shell each, whose script builds it and asks the routes for the rest.

Another page is one more route here or elsewhere that returns `page_for(session, NAME)`, and its
`static/NAME.js`.
"""

from html import escape
from pathlib import Path
from string import Template
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Header
from fastapi.responses import HTMLResponse, RedirectResponse
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
from bot.channels.problems import Problem, ProblemKind
from bot.channels.widget.articles import LANGUAGE_TAGS, preferred_locale
from bot.domain.agent import AgentSession
from bot.domain.conversation import Locale

STATIC = Path(__file__).parent / "static"
ASSETS = load_assets(STATIC, ".js", ".css", ".svg")
SIGN_IN = "/inbox/sign-in"

PAGE = Template("""<!doctype html>
<html lang="$lang">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="robots" content="noindex">
    <title>Firstline</title>
    <link rel="icon" href="/inbox/static/icon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/inbox/static/inbox.css">
    <script type="module" src="/inbox/static/$script.js"></script>
  </head>
  <body data-locale="$locale">
    <noscript>$noscript</noscript>
  </body>
</html>
""")
NOSCRIPT = {
    Locale.EN: "The inbox needs JavaScript.",
    Locale.ZH: "收件箱需要启用 JavaScript。",
}

router = APIRouter(include_in_schema=False)


@router.api_route("/inbox/static/{name}", methods=READS)
async def show_asset(
    name: str, accept_encoding: AcceptEncoding = "", if_none_match: IfNoneMatch = ""
) -> Response:
    """Scripts and styles: there is nothing of anybody in them."""
    return find_asset(ASSETS, name).respond(OWN, accept_encoding, if_none_match)


@router.api_route("/inbox/sign-in", methods=READS)
async def show_sign_in(
    locale: str = "", accept_language: Annotated[str, Header()] = ""
) -> Response:
    known = Locale(locale) if locale in set(Locale) else None
    return page("sign-in", known or preferred_locale(accept_language, Locale.EN))


@router.api_route("/inbox/account", methods=READS)
async def show_account(session: Visiting) -> Response:
    return page_for(session, "account")


@router.api_route("/inbox/agents", methods=READS)
async def show_agents(session: Visiting) -> Response:
    if session is not None and not session.agent.is_admin:
        raise Problem(ProblemKind.NOT_FOUND)
    return page_for(session, "agents")


def page_for(session: AgentSession | None, script: str) -> Response:
    """In the agent's language; whoever is not signed in is sent to do so."""
    if session is None:
        return redirect_to_sign_in()
    return page(script, session.agent.locale)


def redirect_to_sign_in(query: str = "") -> Response:
    """`query` of the inbox's address, where one came to see something in particular."""
    following = f"?{urlencode({'next': f'/inbox?{query}'})}" if query else ""
    return RedirectResponse(SIGN_IN + following, 303)


def page(script: str, locale: Locale) -> Response:
    return HTMLResponse(
        PAGE.substitute(
            lang=LANGUAGE_TAGS[locale],
            locale=locale.value,
            script=escape(script),
            noscript=NOSCRIPT[locale],
        )
    )
