"""What browsers load: the widget's script, which any site may carry, and a page that carries it."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from bot.channels.assets import (
    OWN,
    READS,
    AcceptEncoding,
    Asset,
    IfNoneMatch,
    find_asset,
    load_assets,
)
from bot.channels.widget.articles import preferred_locale
from bot.channels.widget.bundle import join_modules
from bot.channels.widget.routes import WidgetOfApp
from bot.domain.conversation import Locale

STATIC = Path(__file__).parent / "static"
DEMO = STATIC / "demo"

# The scripts are for pages of all sites.
SHARED = OWN | {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}

SCRIPT = Asset.of("widget.js", join_modules(STATIC / "widget.js"))
SUPPORT = Asset.of("support.js", join_modules(STATIC / "support.js"))
MODULES = load_assets(STATIC / "widget", ".js", ".svg")
DEMO_ASSETS = load_assets(DEMO, ".js", ".css", ".svg")
DEMO_PAGES = {each: (DEMO / f"demo.{each}.html").read_text("utf-8") for each in Locale}

router = APIRouter(include_in_schema=False)


@router.api_route("/widget.js", methods=READS)
async def show_widget(
    accept_encoding: AcceptEncoding = "", if_none_match: IfNoneMatch = ""
) -> Response:
    return SCRIPT.respond(SHARED, accept_encoding, if_none_match)


@router.api_route("/widget-support.js", methods=READS)
async def show_support(
    accept_encoding: AcceptEncoding = "", if_none_match: IfNoneMatch = ""
) -> Response:
    """What the widget loads once a person has the conversation."""
    return SUPPORT.respond(SHARED, accept_encoding, if_none_match)


@router.api_route("/widget/{name}", methods=READS)
async def show_module(
    name: str, accept_encoding: AcceptEncoding = "", if_none_match: IfNoneMatch = ""
) -> Response:
    """A module of the script as it is written."""
    return find_asset(MODULES, name).respond(SHARED, accept_encoding, if_none_match)


@router.api_route("/demo/{name}", methods=READS)
async def show_demo_asset(
    name: str, accept_encoding: AcceptEncoding = "", if_none_match: IfNoneMatch = ""
) -> Response:
    return find_asset(DEMO_ASSETS, name).respond(OWN, accept_encoding, if_none_match)


@router.api_route("/demo", methods=READS)
async def show_demo(
    widget: WidgetOfApp,
    locale: str = "",
    accept_language: Annotated[str, Header()] = "",
) -> Response:
    known = Locale(locale) if locale in set(Locale) else None
    return HTMLResponse(DEMO_PAGES[known or preferred_locale(accept_language, widget.locale)])


@router.api_route("/", methods=READS)
async def redirect_to_demo() -> Response:
    return RedirectResponse("demo")
