"""Feedback and the button for a person over HTTP."""

from collections.abc import AsyncIterator

import httpx
import pytest

from bot.app import create_app
from bot.domain.conversation import Author, Message
from bot.ports import IndexStatus
from tests.fakes import FakeBot
from tests.web import Visitor, call, parse_events


@pytest.fixture
def bot() -> FakeBot:
    return FakeBot()


@pytest.fixture
async def client(bot: FakeBot) -> AsyncIterator[httpx.AsyncClient]:
    async with call(create_app(bot)) as client:
        yield client


async def rate(visitor: Visitor, message: str, **body: object) -> httpx.Response:
    url = f"/v1/messages/{message}/feedback"
    return await visitor.client.post(url, json=body, headers=visitor.headers)


async def shown(visitor: Visitor) -> list[str | None]:
    found = (await visitor.client.get(visitor.url, headers=visitor.headers)).json()
    return [message.get("feedback") for message in found["messages"]]


async def test_a_thumb_is_kept_shown_and_replaced(client: httpx.AsyncClient) -> None:
    visitor = await Visitor.arrive(client)
    message = (await visitor.ask("How?")).json()["message"]
    assert await shown(visitor) == [None, None]
    response = await rate(visitor, message, rating="down", comment=" not what I asked ")
    assert (response.status_code, response.content) == (204, b"")
    assert await shown(visitor) == [None, "down"]
    await rate(visitor, message, rating="up")
    assert await shown(visitor) == [None, "up"]
    figures = (await client.get("/metrics")).text
    assert 'firstline_feedback_total{rating="down"} 1.0' in figures
    assert 'firstline_feedback_total{rating="up"} 1.0' in figures


async def test_the_comment_is_stored_without_space_around(
    bot: FakeBot, client: httpx.AsyncClient
) -> None:
    visitor = await Visitor.arrive(client)
    message = (await visitor.ask("How?")).json()["message"]
    await rate(visitor, message, rating="down", comment="  too long\x00 ")
    assert bot.store.given[message].comment == "too long\ufffd"
    await rate(visitor, message, rating="down", comment="  ")
    assert bot.store.given[message].comment is None


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"rating": "meh"},
        {"rating": None},
        {"rating": "up", "comment": "x" * 1001},
        {"rating": "up", "comment": 7},
    ],
)
async def test_what_is_no_feedback_is_refused(
    bot: FakeBot, client: httpx.AsyncClient, body: dict[str, object]
) -> None:
    visitor = await Visitor.arrive(client)
    message = (await visitor.ask("How?")).json()["message"]
    assert (await rate(visitor, message, **body)).status_code == 422
    assert bot.store.given == {}


async def test_a_comment_may_have_a_thousand_characters(client: httpx.AsyncClient) -> None:
    visitor = await Visitor.arrive(client)
    message = (await visitor.ask("How?")).json()["message"]
    assert (await rate(visitor, message, rating="up", comment="字" * 1000)).status_code == 204


async def test_what_is_not_there_and_what_is_not_yours_look_the_same(
    bot: FakeBot, client: httpx.AsyncClient
) -> None:
    visitor, other = await Visitor.arrive(client), await Visitor.arrive(client)
    theirs = (await other.ask("How?")).json()["message"]
    mine = (await visitor.ask("How?")).json()["message"]
    question = bot.store.log[0].id
    agent = Message(visitor.conversation, Author.AGENT, "Hello")
    bot.store.log.append(agent)
    stranger = Visitor(client, visitor.conversation, "wrong")
    answers = [
        await rate(visitor, theirs, rating="up"),
        await rate(visitor, question, rating="up"),
        await rate(visitor, agent.id, rating="up"),
        await rate(visitor, "0" * 32, rating="up"),
        await rate(visitor, "nonsense", rating="up"),
        await rate(stranger, mine, rating="up"),
        await client.post(f"/v1/messages/{mine}/feedback", json={"rating": "up"}),
    ]
    assert {(answer.status_code, answer.text) for answer in answers} == {(404, answers[0].text)}
    assert bot.store.given == {}


async def test_five_clicks_on_the_button_are_one_message(
    bot: FakeBot, client: httpx.AsyncClient
) -> None:
    visitor = await Visitor.arrive(client)
    url = f"{visitor.url}/handoff"
    replies = [(await client.post(url, headers=visitor.headers)).json() for _ in range(5)]
    assert len({reply["message"] for reply in replies}) == 1
    assert [(m.text, m.wants_human) for m in bot.store.log if m.author is Author.CUSTOMER] == [
        ("person.en.request", True)
    ]


async def test_the_button_takes_a_key_of_the_client(
    bot: FakeBot, client: httpx.AsyncClient
) -> None:
    visitor = await Visitor.arrive(client)
    for key in ("a", "a", "b"):
        body = {"client_message_id": key}
        await client.post(f"{visitor.url}/handoff", json=body, headers=visitor.headers)
    keys = [m.client_message_id for m in bot.store.log if m.author is Author.CUSTOMER]
    assert keys == ["a", "b"]


async def test_the_button_streams_like_a_message(client: httpx.AsyncClient) -> None:
    visitor = await Visitor.arrive(client)
    headers = visitor.headers | {"Accept": "text/event-stream"}
    response = await client.post(f"{visitor.url}/handoff", headers=headers)
    assert response.headers["x-accel-buffering"] == "no"
    assert [event.name for event in parse_events(response.text)][-2:] == ["reply", "done"]


async def test_the_button_works_without_an_index(bot: FakeBot, client: httpx.AsyncClient) -> None:
    bot.retriever.index = IndexStatus(None, "none yet")
    visitor = await Visitor.arrive(client)
    response = await client.post(f"{visitor.url}/handoff", headers=visitor.headers)
    assert response.status_code == 200


async def test_a_strangers_button_is_not_there(client: httpx.AsyncClient) -> None:
    visitor = await Visitor.arrive(client)
    response = await client.post(
        f"{visitor.url}/handoff", headers={"Authorization": "Bearer wrong"}
    )
    assert response.status_code == 404
