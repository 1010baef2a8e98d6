"""What browsers load: the widget's script, which any site may carry, and a page that carries it."""

import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from gzip import compress
from hashlib import sha256
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from bot.channels.problems import Problem, ProblemKind
from bot.channels.widget.articles import READS, preferred_locale
from bot.channels.widget.bundle import join_modules
from bot.channels.widget.routes import WidgetOfApp
from bot.domain.conversation import Locale

STATIC = Path(__file__).parent / "static"
DEMO = STATIC / "demo"

# Fresh at every visit, for the price of an empty answer; the scripts are for pages of all sites.
OWN = {"Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
SHARED = OWN | {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}

AcceptEncoding = Annotated[str, Header()]
IfNoneMatch = Annotated[str, Header()]


@dataclass(frozen=True, slots=True)
class Asset:
    """A text file as it is sent; the packed form is made once."""

    content: bytes
    packed: bytes
    media_type: str
    etag: str

    @classmethod
    def of(cls, name: str, text: str) -> "Asset":
        content = text.encode()
        media_type = mimetypes.guess_type(name)[0] or "text/plain"
        etag = f'"{sha256(content).hexdigest()[:32]}"'
        return cls(content, compress(content, mtime=0), media_type, etag)

    @classmethod
    def load(cls, path: Path) -> "Asset":
        return cls.of(path.name, path.read_text("utf-8"))

    def respond(self, headers: Mapping[str, str], encoding: str, known: str) -> Response:
        headers = {**headers, "ETag": self.etag}
        if self.etag in known:
            return Response(status_code=304, headers=headers)
        if "gzip" not in encoding.lower():
            return Response(self.content, headers=headers, media_type=self.media_type)
        headers["Content-Encoding"] = "gzip"
        return Response(self.packed, headers=headers, media_type=self.media_type)


def _load(folder: Path, *suffixes: str) -> Mapping[str, Asset]:
    return {p.name: Asset.load(p) for p in sorted(folder.iterdir()) if p.suffix in suffixes}


SCRIPT = Asset.of("widget.js", join_modules(STATIC / "widget.js"))
MODULES = _load(STATIC / "widget", ".js", ".svg")
DEMO_ASSETS = _load(DEMO, ".js", ".css", ".svg")
DEMO_PAGES = {each: (DEMO / f"demo.{each}.html").read_text("utf-8") for each in Locale}

router = APIRouter(include_in_schema=False)


@router.api_route("/widget.js", methods=READS)
async def show_widget(
    accept_encoding: AcceptEncoding = "", if_none_match: IfNoneMatch = ""
) -> Response:
    return SCRIPT.respond(SHARED, accept_encoding, if_none_match)


@router.api_route("/widget/{name}", methods=READS)
async def show_module(
    name: str, accept_encoding: AcceptEncoding = "", if_none_match: IfNoneMatch = ""
) -> Response:
    """A module of the script as it is written."""
    return _find(MODULES, name).respond(SHARED, accept_encoding, if_none_match)


@router.api_route("/demo/{name}", methods=READS)
async def show_demo_asset(
    name: str, accept_encoding: AcceptEncoding = "", if_none_match: IfNoneMatch = ""
) -> Response:
    return _find(DEMO_ASSETS, name).respond(OWN, accept_encoding, if_none_match)


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


def _find(assets: Mapping[str, Asset], name: str) -> Asset:
    if name not in assets:
        raise Problem(ProblemKind.NOT_FOUND)
    return assets[name]
