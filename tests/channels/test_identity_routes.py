"""Who may speak, over HTTP: identities, origins and limits of the whole application."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from bot.app import create_app
from bot.domain.conversation import Locale
from bot.domain.customer import Customer, Tier
from bot.settings import Web
from tests.fakes import FakeBot, FakeSettings
from tests.web import Event, Visitor, call, read_events, serve

MEI = Customer("u-1", "Mei Lin", "mei@example.com", "Harbour Ltd", Tier.PREMIUM, Locale.ZH)
SHOP = "https://shop.example"


@pytest.fixture
def bot() -> FakeBot:
    bot = FakeBot()
    bot.verifier.customers |= {"mei": MEI, "stranger": Customer("u-2")}
    return bot


@pytest.fixture
def app(bot: FakeBot) -> FastAPI:
    return create_app(bot)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with call(app) as client:
        yield client


async def identify(visitor: Visitor, identity: str) -> httpx.Response:
    return await visitor.client.post(
        f"{visitor.url}/identify", json={"identity": identity}, headers=visitor.headers
    )


async def status_of(visitor: Visitor) -> int:
    return (await visitor.client.get(visitor.url, headers=visitor.headers)).status_code


# Identities


async def test_a_conversation_begins_with_a_customer(
    client: httpx.AsyncClient, bot: FakeBot
) -> None:
    response = await client.post("/v1/conversations", json={"identity": "mei"})
    assert response.status_code == 201
    created = response.json()
    assert created["greeting"] == "smalltalk.zh.greeting"  # in the customer's language
    assert bot.store.conversations[created["conversation"]].customer == "u-1"
    assert bot.store.customers["u-1"] == MEI


@pytest.mark.parametrize("identity", ["forged", "x" * 5000, "签名", "\x00"])
async def test_a_refused_identity_is_a_problem_with_its_reason(
    client: httpx.AsyncClient, bot: FakeBot, identity: str
) -> None:
    visitor = await Visitor.arrive(client)
    body = {"identity": identity}
    begun = await client.post("/v1/conversations", json=body)
    for response in (begun, await identify(visitor, identity)):
        assert response.status_code == 401
        assert response.headers["content-type"] == "application/problem+json"
        assert response.headers["www-authenticate"] == "Bearer"
        problem = response.json()
        assert problem["type"] == "/problems/identity-refused"
        assert problem["reason"] == "malformed"
        assert identity not in response.text
    assert len(bot.store.conversations) == 1
    assert await status_of(visitor) == 200


async def test_identify_rotates_the_token(client: httpx.AsyncClient, bot: FakeBot) -> None:
    visitor = await Visitor.arrive(client)
    await visitor.ask("How do I create a team?")
    response = await identify(visitor, "mei")
    assert response.status_code == 200
    answer = response.json()
    assert answer.keys() == {"conversation", "token"}
    assert answer["conversation"] == visitor.conversation
    assert await status_of(visitor) == 404
    assert (await visitor.ask("And now?", "k2")).status_code == 404
    known = Visitor(client, visitor.conversation, answer["token"])
    shown = (await client.get(known.url, headers=known.headers)).json()
    assert len(shown["messages"]) == 2  # what was said before is the customer's now
    assert bot.store.conversations[known.conversation].customer == "u-1"
    assert (await known.ask("And now?", "k2")).status_code == 200


async def test_another_customers_conversation_looks_absent(client: httpx.AsyncClient) -> None:
    visitor = await Visitor.arrive(client, identity="mei")
    assert (await identify(visitor, "stranger")).status_code == 404
    assert await status_of(visitor) == 200
    foreign = Visitor(client, visitor.conversation, "guessed")
    assert (await identify(foreign, "mei")).status_code == 404  # an identity opens nothing alone


async def test_of_identifies_at_once_one_is_answered(client: httpx.AsyncClient) -> None:
    visitor = await Visitor.arrive(client)
    who = ("mei", "stranger") * 4
    responses = await asyncio.gather(*(identify(visitor, name) for name in who))
    won = [response.json() for response in responses if response.status_code == 200]
    assert sorted({response.status_code for response in responses}) == [200, 404]
    assert len(won) == 1
    assert await status_of(Visitor(client, visitor.conversation, won[0]["token"])) == 200


async def test_events_end_when_the_token_is_replaced(app: FastAPI) -> None:
    async with serve(app) as url, httpx.AsyncClient(base_url=url, timeout=300) as client:
        visitor = await Visitor.arrive(client)
        await visitor.ask("How do I create a team?")
        events = client.stream("GET", f"{visitor.url}/events", headers=visitor.headers)
        async with events as response:
            seen = read_events(response)
            first = await anext(seen)
            assert isinstance(first, Event)
            fresh = (await identify(visitor, "mei")).json()["token"]
            known = Visitor(client, visitor.conversation, fresh)
            await known.ask("Something of my own", "k2")
            rest = [event async for event in seen]  # to its end, which comes by itself
        assert not any("my own" in str(event) for event in rest)


# Origins


async def test_a_page_of_its_own_site_and_of_a_listed_one_may_ask(bot: FakeBot) -> None:
    bot.settings = FakeSettings(web=Web(host="203.0.113.1", origins=(SHOP,), rate_limit=0))
    async with call(create_app(bot)) as client:
        for origin, status in {SHOP: 201, "http://test": 201, "https://evil.example": 403}.items():
            response = await client.post("/v1/conversations", headers={"Origin": origin})
            assert response.status_code == status, origin
            assert "default-src" in response.headers["content-security-policy"]
    assert len(bot.store.conversations) == 2


# Limits


@pytest.fixture
def limited(bot: FakeBot) -> FastAPI:
    bot.settings = FakeSettings(web=Web(host="203.0.113.1", origins=(SHOP,), rate_limit=4))
    return create_app(bot)


async def test_a_visitor_is_limited_and_may_still_read(limited: FastAPI, bot: FakeBot) -> None:
    async with call(limited) as client:
        visitor = await Visitor.arrive(client)
        asked = [await visitor.ask("How?", f"k{n}", Origin=SHOP) for n in range(5)]
        assert [response.status_code for response in asked] == [200] * 4 + [429]
        refused = asked[-1]
        assert 1 <= int(refused.headers["retry-after"]) <= 15
        assert refused.json()["type"] == "/problems/too-many-requests"
        assert refused.headers["access-control-allow-origin"] == SHOP  # or no page could read it
        assert refused.headers["access-control-expose-headers"] == "Retry-After"
        assert await status_of(visitor) == 200
        assert (await (await Visitor.arrive(client)).ask("How?")).status_code == 200
    assert len(bot.store.turns) == 5


async def test_inventing_tokens_does_not_widen_the_limit(limited: FastAPI) -> None:
    async with call(limited) as client:
        statuses = [
            (await Visitor(client, "0" * 32, f"token-{n}").ask("How?")).status_code
            for n in range(21)
        ]
    assert statuses == [404] * 20 + [429]


async def test_foreign_pages_use_up_nobodys_limit(limited: FastAPI) -> None:
    async with call(limited) as client:
        for _ in range(100):
            headers = {"Origin": "https://evil.example"}
            assert (await client.post("/v1/search", headers=headers)).status_code == 403
        assert (await client.post("/v1/conversations")).status_code == 201


async def test_limits_can_be_turned_off(bot: FakeBot) -> None:
    async with call(create_app(bot)) as client:
        visitor = await Visitor.arrive(client)
        for number in range(150):
            assert (await visitor.ask("How?", f"k{number}")).status_code == 200
