"""What may lie in a request's body, asked of every route that takes one."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from bot.app import create_app
from bot.domain.customer import Customer
from tests.fakes import FakeBot
from tests.web import Visitor, call

LIMIT_BYTES = 64 * 1024
DEEPEST = 20
JSON = {"Content-Type": "application/json"}
FINE: dict[str, dict[str, Any]] = {
    "conversations": {"locale": "en"},
    "identify": {"identity": "mei"},
    "messages": {"text": "How?", "client_message_id": "k2"},
    "handoff": {"client_message_id": "k3"},
    "feedback": {"rating": "up"},
    "search": {"query": "teams"},
}
OPTIONAL = {"conversations", "handoff"}


class Route:
    """One of the routes, and a visitor who may use it."""

    def __init__(self, name: str, visitor: Visitor, message: str) -> None:
        paths = {
            "conversations": "/v1/conversations",
            "search": "/v1/search",
            "feedback": f"/v1/messages/{message}/feedback",
        }
        self.name = name
        self.fine = FINE[name]
        self._path = paths.get(name, f"{visitor.url}/{name}")
        self._visitor = visitor

    async def send(self, content: Any, headers: dict[str, str] | None = None) -> httpx.Response:
        return await self._visitor.client.post(
            self._path, content=content, headers=self._visitor.headers | (headers or JSON)
        )

    async def refuse(self, content: Any, status: int, slug: str) -> None:
        response = await self.send(content)
        assert response.status_code == status, response.text
        assert response.json()["type"] == f"/problems/{slug}"

    async def accept(self, content: Any) -> None:
        response = await self.send(content)
        assert response.status_code in (200, 201, 204), response.text


@pytest.fixture
async def visitor() -> AsyncIterator[Visitor]:
    bot = FakeBot()
    bot.verifier.customers["mei"] = Customer("u-1")
    async with call(create_app(bot)) as client:
        yield await Visitor.arrive(client)


@pytest.fixture(params=FINE)
async def route(visitor: Visitor, request: pytest.FixtureRequest) -> Route:
    reply = (await visitor.ask("How do I create a team?")).json()
    return Route(request.param, visitor, reply["message"])


def nested(depth: int) -> Any:
    return json.loads("[" * depth + "]" * depth)


async def chunks(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 1000):
        yield content[start : start + 1000]


async def test_a_fine_body_is_taken_whole_and_in_chunks(route: Route) -> None:
    content = json.dumps(route.fine).encode()
    if route.name != "identify":  # the first one makes the token invalid
        await route.accept(content)
    await route.accept(chunks(content))


@pytest.mark.parametrize("send", [bytes, chunks], ids=["declared", "chunked"])
async def test_the_longest_body_is_taken_and_a_longer_one_is_not(
    route: Route, send: Callable[[bytes], Any]
) -> None:
    content = json.dumps(route.fine).encode()
    await route.refuse(send(content.ljust(LIMIT_BYTES + 1)), 413, "too-large")
    await route.accept(send(content.ljust(LIMIT_BYTES)))


async def test_nesting_is_limited(route: Route) -> None:
    too_deep = json.dumps(route.fine | {"x": nested(DEEPEST)})
    await route.refuse(too_deep, 422, "invalid-request")
    await route.accept(json.dumps(route.fine | {"x": nested(DEEPEST - 1)}))


@pytest.mark.parametrize("opening", ['{"x":', "[", '[{"x":', '{"text":['])
async def test_endless_nesting_is_refused(route: Route, opening: str) -> None:
    await route.refuse(opening * (60_000 // len(opening)), 422, "invalid-request")
    await route.refuse(opening * 100_000, 413, "too-large")


async def test_of_a_name_that_stands_twice_the_last_holds(route: Route) -> None:
    content = json.dumps(route.fine)
    wrong = json.dumps({name: ["wrong"] for name in route.fine})
    await route.refuse(f"{content[:-1]}, {wrong[1:]}", 422, "invalid-request")
    await route.accept(f"{wrong[:-1]}, {content[1:]}")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 4000])
async def test_numbers_without_a_value_harm_nothing(route: Route, number: str) -> None:
    for name in route.fine:
        content = json.dumps(route.fine | {name: 0})
        await route.refuse(content.replace(": 0", f": {number}"), 422, "invalid-request")
    await route.accept(f'{json.dumps(route.fine)[:-1]}, "x": {number}}}')


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe", b'{"text": "\xc3\x28"}', b'{"\x80": 1}', b"{", b"'x'", b"\x00", b"{} {}"],
)
async def test_what_is_no_json_is_refused(route: Route, content: bytes) -> None:
    await route.refuse(content, 422, "invalid-request")


@pytest.mark.parametrize("content", ["[]", "1", '"x"', "true", "[[]]"])
async def test_what_is_no_object_is_refused(route: Route, content: str) -> None:
    await route.refuse(content, 422, "invalid-request")


@pytest.mark.parametrize("content", ["", "null"])
async def test_no_body_at_all(route: Route, content: str) -> None:
    if route.name in OPTIONAL:
        await route.accept(content)
    else:
        await route.refuse(content, 422, "invalid-request")


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",  # what a foreign page could send without asking first
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "",
    ],
)
async def test_json_that_is_not_called_so_is_refused(route: Route, content_type: str) -> None:
    response = await route.send(json.dumps(route.fine), {"Content-Type": content_type})
    assert response.status_code == 422
    assert response.json()["type"] == "/problems/invalid-request"


@pytest.mark.parametrize("name", ["messages", "search"])
async def test_a_text_has_at_most_4000_characters(visitor: Visitor, name: str) -> None:
    route = Route(name, visitor, "")
    field = "text" if name == "messages" else "query"
    await route.accept(json.dumps(route.fine | {field: "文" * 4000}))
    await route.refuse(json.dumps(route.fine | {field: "文" * 4001}), 422, "invalid-request")
