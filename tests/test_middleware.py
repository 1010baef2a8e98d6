"""Each layer around a plain ASGI application, without the routes that it serves in the bot."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.adapters.prometheus import Figures
from bot.channels.problems import handle_problems
from bot.middleware import SECURITY_HEADERS, BodyLimit, RequestFigures, SecurityHeaders, secure
from bot.ports import IndexStatus

LIMIT_BYTES = 10


def call(app: ASGIApp) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://test")


class Echo:
    """Gives back the body it read; counts how often it was called."""

    def __init__(self) -> None:
        self.calls = 0

    async def __call__(self, request: Request) -> Response:
        self.calls += 1
        return PlainTextResponse(await request.body())


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def limited(echo: Echo) -> ASGIApp:
    app = Starlette(routes=[Route("/", echo.__call__, methods=["POST"])])
    handle_problems(app)  # type: ignore[arg-type]  # as the bot's application does
    app.add_middleware(BodyLimit, max_bytes=LIMIT_BYTES)
    return app


async def pieces(*sizes: int) -> AsyncIterator[bytes]:
    for size in sizes:
        yield b"x" * size


# Security headers


def test_what_a_response_states_itself_is_kept() -> None:
    headers = MutableHeaders({"Cache-Control": "max-age=60"})
    secure(headers)
    assert headers["cache-control"] == "max-age=60"
    others = {name: value for name, value in SECURITY_HEADERS.items() if name != "Cache-Control"}
    assert {name: headers[name] for name in others} == others


async def test_every_response_gets_the_security_headers() -> None:
    async with call(SecurityHeaders(PlainTextResponse("x", 404))) as client:
        headers = (await client.get("/")).headers
    assert {name: headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS


async def test_what_is_no_http_passes_unchanged() -> None:
    seen: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)
        await send(await receive())

    sent: list[Message] = []
    startup: Message = {"type": "lifespan.startup", "body": b"x" * (LIMIT_BYTES + 1)}

    async def receive() -> Message:
        return startup

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {"type": "lifespan"}
    layers = RequestFigures(SecurityHeaders(BodyLimit(app, LIMIT_BYTES)), no_figures())
    await layers(scope, receive, send)
    assert (seen, sent) == ([scope], [startup])


# Body limit


@pytest.mark.parametrize("sizes", [(), (LIMIT_BYTES,), (4, 4, 2)])
async def test_a_body_within_the_limit_is_read(limited: ASGIApp, sizes: tuple[int, ...]) -> None:
    async with call(limited) as client:
        response = await client.post("/", content=pieces(*sizes))
    assert (response.status_code, response.text) == (200, "x" * sum(sizes))


async def test_a_body_declared_too_large_does_not_reach_the_route(
    limited: ASGIApp, echo: Echo
) -> None:
    async with call(limited) as client:
        response = await client.post("/", content=b"x" * (LIMIT_BYTES + 1))
    assert response.status_code == 413
    assert response.json()["type"] == "/problems/too-large"
    assert echo.calls == 0


@pytest.mark.parametrize("sizes", [(LIMIT_BYTES + 1,), (6, 6), (1,) * 50])
async def test_a_chunked_body_is_refused_when_it_passes_the_limit(
    limited: ASGIApp, echo: Echo, sizes: tuple[int, ...]
) -> None:
    taken: list[int] = []

    async def content() -> AsyncIterator[bytes]:
        for size in sizes:
            taken.append(size)
            yield b"x" * size

    async with call(limited) as client:
        response = await client.post("/", content=content())
    assert response.status_code == 413
    assert response.json()["type"] == "/problems/too-large"
    assert echo.calls == 1  # it began to read
    assert sum(taken[:-1]) <= LIMIT_BYTES + 1  # and nothing was taken beyond


@pytest.mark.parametrize("declared", ["1", "-1", "many", "²"])
async def test_a_false_declaration_does_not_open_the_limit(limited: ASGIApp, declared: str) -> None:
    headers = [(b"Content-Length", declared.encode("latin-1"))]
    async with call(limited) as client:
        response = await client.post("/", content=pieces(6, 6), headers=headers)
    assert response.status_code == 413


# Figures of requests


def no_figures() -> Figures:
    return Figures(lambda: IndexStatus(None))


def exposed(figures: Figures) -> list[str]:
    lines = figures.exposition().decode().splitlines()
    return [line for line in lines if line.startswith("firstline_http_requests_total{")]


def counted(app: Starlette) -> tuple[ASGIApp, Figures]:
    figures = no_figures()
    return RequestFigures(app, figures), figures


async def test_a_crash_before_any_response_counts_as_500() -> None:
    async def crash(_: Request) -> Response:
        raise RuntimeError

    app, figures = counted(Starlette(routes=[Route("/{name}", crash)]))
    async with call(app) as client:
        assert (await client.get("/a")).status_code == 500
    (line,) = exposed(figures)
    assert line.endswith(" 1.0")
    assert 'status="500"' in line


async def test_an_event_stream_is_open_while_it_is_read() -> None:
    during: list[float | None] = []

    async def events() -> AsyncIterator[bytes]:
        during.append(figures.registry.get_sample_value("firstline_sse_open"))
        yield b"data: 1\n\n"

    async def stream(_: Request) -> Response:
        return StreamingResponse(events(), media_type="text/event-stream")

    app, figures = counted(Starlette(routes=[Route("/", stream)]))
    async with call(app) as client:
        await client.get("/")
    assert during == [1]
    assert figures.registry.get_sample_value("firstline_sse_open") == 0


async def test_other_responses_are_no_streams() -> None:
    during: list[float | None] = []

    async def plain(_: Request) -> Response:
        during.append(figures.registry.get_sample_value("firstline_sse_open"))
        return PlainTextResponse("x")

    app, figures = counted(Starlette(routes=[Route("/", plain)]))
    async with call(app) as client:
        await client.get("/")
    during.append(figures.registry.get_sample_value("firstline_sse_open"))
    assert during == [0, 0]
