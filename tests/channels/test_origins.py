import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.channels.origins import Origins, is_loopback

SHOP = "https://shop.example"
PUBLIC_HOST = "203.0.113.1"


class Site:
    """Counts what reached it."""

    def __init__(self, host: str, *allowed: str, base_url: str = "http://bot.example") -> None:
        self.reached = 0
        methods = ["GET", "POST"]
        app = Starlette(routes=[Route("/{rest:path}", self.answer, methods=methods)])
        transport = httpx.ASGITransport(Origins(app, allowed, host))
        self.client = httpx.AsyncClient(transport=transport, base_url=base_url)

    async def answer(self, _: Request) -> Response:
        self.reached += 1
        return PlainTextResponse("done")

    async def post(self, *origins: str) -> httpx.Response:
        headers = [("Origin", origin) for origin in origins]
        return await self.client.post("/v1/search", headers=headers)

    async def preflight(self, origin: str, header: str = "Authorization") -> httpx.Response:
        return await self.client.options(
            "/v1/search",
            headers={
                "Origin": origin,
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": header,
            },
        )


FOREIGN = [
    "https://evil.example",
    "null",
    "",
    "http://shop.example",  # not the listed scheme
    "https://shop.example:8443",
    "https://shop.example.evil.example",
    "https://evil.example/shop.example",
    "https://notshop.example",
    "https://sub.shop.example",
    "https://shop.example/",
    "https://SHOP.example",
    "https://shop.example@evil.example",
    "file://",
    "*",
    "https://bot.example",  # the own host by another scheme
    "http://bot.example:8000",
    "http://localhost",
    "http://127.0.0.1:5173",
]


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_foreign_page_is_refused_before_any_work(origin: str) -> None:
    site = Site(PUBLIC_HOST, SHOP)
    response = await site.post(origin)
    assert response.status_code == 403
    assert response.json()["type"] == "/problems/origin-refused"
    assert response.headers["vary"] == "Origin"
    assert "access-control-allow-origin" not in response.headers
    assert (await site.preflight(origin)).status_code == 403
    assert site.reached == 0


async def test_a_listed_page_is_welcome() -> None:
    site = Site(PUBLIC_HOST, SHOP, "https://app.example")
    for origin in (SHOP, "https://app.example"):
        response = await site.post(origin)
        assert response.status_code == 200
        assert response.headers["access-control-allow-origin"] == origin
        assert response.headers["access-control-expose-headers"] == "Retry-After"
        assert "Origin" in response.headers["vary"]
        assert "access-control-allow-credentials" not in response.headers


async def test_a_preflight_names_what_the_widget_sends() -> None:
    site = Site(PUBLIC_HOST, SHOP)
    for header in ("Authorization", "content-type", "Last-Event-ID"):
        response = await site.preflight(SHOP, header)
        assert response.status_code == 200
        assert response.headers["access-control-allow-origin"] == SHOP
        assert header.lower() in response.headers["access-control-allow-headers"].lower()
    assert (await site.preflight(SHOP, "X-Api-Key")).status_code == 400
    assert site.reached == 0


async def test_two_origins_must_both_be_welcome() -> None:
    site = Site(PUBLIC_HOST, SHOP)
    assert (await site.post(SHOP, "https://evil.example")).status_code == 403
    assert (await site.post("https://evil.example", SHOP)).status_code == 403


async def test_without_an_origin_nothing_is_refused() -> None:
    site = Site(PUBLIC_HOST)
    response = await site.post()
    assert response.status_code == 200
    assert "Origin" in response.headers["vary"]
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize(
    ("base_url", "origin"),
    [
        ("http://bot.example", "http://bot.example"),
        ("https://bot.example", "https://bot.example"),
        ("http://bot.example:8000", "http://bot.example:8000"),
        ("http://[2001:db8::1]:8000", "http://[2001:db8::1]:8000"),
    ],
)
async def test_the_own_pages_are_welcome(base_url: str, origin: str) -> None:
    assert (await Site(PUBLIC_HOST, base_url=base_url).post(origin)).status_code == 200


async def test_a_default_port_in_the_host_is_left_out() -> None:
    site = Site(PUBLIC_HOST)
    headers = {"Host": "bot.example:80", "Origin": "http://bot.example"}
    assert (await site.client.post("/v1/search", headers=headers)).status_code == 200


LOCAL = [
    "http://localhost",
    "http://localhost:5173",
    "https://localhost:3000",
    "http://shop.localhost:8080",
    "http://127.0.0.1:5500",
    "http://[::1]:5173",
]


@pytest.mark.parametrize("origin", LOCAL)
async def test_pages_of_this_machine_are_welcome_on_a_loopback_address(origin: str) -> None:
    response = await Site("127.0.0.1").post(origin)
    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == origin
    assert (await Site("127.0.0.1").preflight(origin)).status_code == 200
    assert (await Site("0.0.0.0").post(origin)).status_code == 403  # noqa: S104


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost.evil.example",
        "http://notlocalhost",
        "http://127.0.0.1.evil.example",
        "http://localhost:5173/",
        "http://localhost:",
        "http://user@localhost",
        "ftp://localhost",
        "null",
        "http://192.168.0.5",
    ],
)
async def test_what_only_looks_local_is_refused(origin: str) -> None:
    site = Site("127.0.0.1")
    assert (await site.post(origin)).status_code == 403
    assert site.reached == 0


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/widget.js", 200),
        ("/widget/panel.js", 200),
        ("/widget/icon.svg", 200),
        ("/widget", 403),
        ("/widget.json", 403),
        ("/v1/widget.js", 403),
        ("/demo", 403),
    ],
)
async def test_any_page_loads_the_widget_and_nothing_else(path: str, status: int) -> None:
    site = Site(PUBLIC_HOST)
    headers = {"Origin": "https://evil.example"}
    assert (await site.client.get(path, headers=headers)).status_code == status


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104
        ("::", False),
        ("192.168.0.5", False),
        ("bot.example", False),
    ],
)
def test_loopback_is_told_from_the_host(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
