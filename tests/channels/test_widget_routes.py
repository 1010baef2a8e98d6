"""The widget's HTTP interface, as the contract states it."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from hashlib import sha256
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from bot.app import announce_leaving, create_app
from bot.channels.widget.routes import READERS, Widget
from bot.domain.conversation import Author, Locale, Message
from bot.domain.errors import ModelUnavailable
from bot.ports import IndexStatus
from tests.fakes import ANSWER, SNAPSHOT, FakeBot
from tests.web import Event, Visitor, call, parse_events, read_events, read_messages, serve, until

STREAM = "text/event-stream"


@pytest.fixture
def bot() -> FakeBot:
    return FakeBot()


@pytest.fixture
def app(bot: FakeBot) -> FastAPI:
    return create_app(bot)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with call(app) as client:
        yield client


@pytest.fixture
async def visitor(client: httpx.AsyncClient) -> Visitor:
    return await Visitor.arrive(client)


def assert_problem(response: httpx.Response, status: int, slug: str) -> None:
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["type"] == f"/problems/{slug}"
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]


# Conversations


async def test_a_conversation_starts_with_id_token_and_greeting(
    client: httpx.AsyncClient, bot: FakeBot
) -> None:
    response = await client.post("/v1/conversations", json={"locale": "zh"})
    assert response.status_code == 201
    created = response.json()
    assert created["greeting"] == "smalltalk.zh.greeting"
    stored = bot.store.conversations[created["conversation"]]
    assert stored.channel == "widget"
    assert stored.locale is Locale.ZH
    assert stored.token_digest == sha256(created["token"].encode()).hexdigest()
    assert len(created["token"]) >= 43  # 32 bytes


@pytest.mark.parametrize("body", [{"json": {}}, {}, {"json": {"locale": None}}])
async def test_without_a_locale_the_greeting_is_in_the_default_one(
    client: httpx.AsyncClient, bot: FakeBot, body: dict[str, Any]
) -> None:
    response = await client.post("/v1/conversations", **body)
    assert response.status_code == 201
    assert response.json()["greeting"] == "smalltalk.en.greeting"
    assert bot.store.conversations[response.json()["conversation"]].locale is None


async def test_an_unknown_locale_is_refused(client: httpx.AsyncClient) -> None:
    response = await client.post("/v1/conversations", json={"locale": "fr"})
    assert_problem(response, 422, "invalid-request")
    assert response.json()["errors"][0]["field"] == "body.locale"


async def test_a_conversation_shows_its_messages_and_replies(visitor: Visitor) -> None:
    reply = (await visitor.ask("How do I create a team?")).json()
    shown = (await visitor.client.get(visitor.url, headers=visitor.headers)).json()
    assert shown["conversation"] == visitor.conversation
    assert shown["status"] == "pending"
    question, answer = shown["messages"]
    assert set(question) == {"id", "author", "text", "created_at", "client_message_id"}
    assert (question["author"], question["text"]) == ("customer", "How do I create a team?")
    assert (answer["author"], answer["text"]) == ("bot", ANSWER)
    assert answer["id"] == reply["message"]
    assert answer["reply"] == reply
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", answer["created_at"])


# Who may


def _requests(url: str) -> list[tuple[str, str, dict[str, Any]]]:
    message = {"json": {"text": "hello", "client_message_id": "k"}}
    return [("GET", url, {}), ("POST", f"{url}/messages", message), ("GET", f"{url}/events", {})]


@pytest.mark.parametrize("route", [0, 1, 2])
@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", "Bearer wrong", "Basic {token}", "{token}", "Bearer {token}x", "é"],
)
async def test_absent_and_forbidden_look_the_same(
    visitor: Visitor, bot: FakeBot, route: int, authorization: str
) -> None:
    value = authorization.format(token=visitor.token).encode("latin-1")
    headers = {"Authorization": value} if value else {}
    method, url, body = _requests(visitor.url)[route]
    forbidden = await visitor.client.request(method, url, headers=headers, **body)
    method, url, body = _requests("/v1/conversations/" + "0" * 32)[route]
    absent = await visitor.client.request(method, url, headers=headers, **body)
    assert_problem(forbidden, 404, "not-found")
    assert forbidden.json() == absent.json()
    assert bot.store.log == []


@pytest.mark.parametrize("route", [0, 1, 2])
async def test_another_visitors_token_opens_nothing(visitor: Visitor, route: int) -> None:
    other = await Visitor.arrive(visitor.client)
    method, url, body = _requests(visitor.url)[route]
    response = await visitor.client.request(method, url, headers=other.headers, **body)
    assert_problem(response, 404, "not-found")


async def test_a_conversation_without_a_token_cannot_be_opened(
    visitor: Visitor, bot: FakeBot
) -> None:
    conversation = bot.store.conversations[visitor.conversation]
    bot.store.conversations[visitor.conversation] = replace(conversation, token_digest=None)
    for token in ("", visitor.token, "0" * 64):
        headers = {"Authorization": f"Bearer {token}"}
        response = await visitor.client.get(visitor.url, headers=headers)
        assert_problem(response, 404, "not-found")


@pytest.mark.parametrize("bad_id", ["%00", "x" * 5000, "..%2F..", "%F0%9F%8D%8A", "A" * 32])
async def test_an_impossible_id_never_reaches_the_store(
    visitor: Visitor, bot: FakeBot, bad_id: str
) -> None:
    bot.store.broken = True  # would be 503
    response = await visitor.client.get(f"/v1/conversations/{bad_id}", headers=visitor.headers)
    assert_problem(response, 404, "not-found")


# Messages


async def test_a_message_gets_the_reply_object(visitor: Visitor) -> None:
    response = await visitor.ask("How do I create a team?")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    reply = response.json()
    assert reply["decision"] == "answer"
    assert reply["conversation"] == visitor.conversation
    assert reply["text"] == ANSWER
    assert [c["n"] for c in reply["citations"]] == [1]
    assert reply["snapshot"] == SNAPSHOT
    assert set(reply) == {
        *("message", "conversation", "decision", "text", "locale", "citations", "tone"),
        *("wants_human", "offer_human", "abstain_reason", "handoff", "clarify", "suggestions"),
        *("snapshot", "latency_ms"),
    }


async def test_a_message_streams_status_delta_reply_and_done(visitor: Visitor) -> None:
    response = await visitor.ask("How do I create a team?", accept=STREAM)
    assert response.headers["content-type"].startswith(STREAM)
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-accel-buffering"] == "no"
    events = parse_events(response.text)
    assert [e.name for e in events] == ["status", "delta", "delta", "status", "reply", "done"]
    assert events[0].data == {"stage": "retrieve"}
    assert events[1].data["text"] + events[2].data["text"] == ANSWER == events[4].data["text"]
    assert events[5].data == {}
    assert len({e.id for e in events}) == 6


async def test_the_same_client_message_id_repeats_the_turn(visitor: Visitor, bot: FakeBot) -> None:
    first = await visitor.ask("How do I create a team?")
    again = await visitor.ask("How do I create a team?")
    other = await visitor.ask("How do I create a team?", key="another")
    assert again.json() == first.json()
    assert other.json()["message"] != first.json()["message"]
    assert len(bot.dialogue.started) == 2


async def test_a_finished_turn_streams_only_its_reply(visitor: Visitor) -> None:
    reply = (await visitor.ask("How do I create a team?")).json()
    events = parse_events((await visitor.ask("How do I create a team?", accept=STREAM)).text)
    assert [(e.name, e.data) for e in events] == [("reply", reply), ("done", {})]


async def test_a_stream_goes_on_after_the_last_event_id(visitor: Visitor) -> None:
    events = parse_events((await visitor.ask("Teams?", accept=STREAM)).text)
    resumed = await visitor.ask("Teams?", accept=STREAM, last_event_id=events[1].id)
    assert parse_events(resumed.text) == events[2:]


@pytest.mark.parametrize("foreign", ["0badc0de.2", "2", "x.y", ".", "x.²", "9" * 400])
async def test_an_id_of_another_attempt_loses_nothing(visitor: Visitor, foreign: str) -> None:
    await visitor.ask("Teams?")
    resumed = await visitor.ask("Teams?", accept=STREAM, last_event_id=foreign.encode())
    assert [e.name for e in parse_events(resumed.text)] == ["reply", "done"]


async def test_a_failed_turn_is_a_problem_and_can_be_sent_again(
    visitor: Visitor, bot: FakeBot
) -> None:
    bot.dialogue.failing = 1
    assert_problem(await visitor.ask("Teams?"), 500, "turn-failed")
    assert (await visitor.ask("Teams?")).json()["decision"] == "answer"
    assert len(bot.store.turns) == 1


async def test_a_failed_turn_streams_an_error_event(visitor: Visitor, bot: FakeBot) -> None:
    bot.dialogue.failing = 1
    events = parse_events((await visitor.ask("Teams?", accept=STREAM)).text)
    assert [e.name for e in events] == ["status", "delta", "error"]
    assert events[-1].data["type"] == "/problems/turn-failed"


@pytest.mark.parametrize("accept", ["application/json", STREAM])
async def test_without_an_index_nothing_is_accepted(
    visitor: Visitor, bot: FakeBot, accept: str
) -> None:
    bot.retriever.index = IndexStatus(snapshot=None)
    response = await visitor.ask("Teams?", accept=accept)
    assert_problem(response, 503, "index-missing")
    assert bot.store.log == []


async def test_a_store_that_is_away_is_a_problem(visitor: Visitor, bot: FakeBot) -> None:
    bot.store.broken = True
    response = await visitor.ask("Teams?")
    assert_problem(response, 503, "store-unavailable")
    assert response.headers["retry-after"].isdecimal()
    assert "out of reach" not in response.text  # the inside stays inside


# Bodies


@pytest.mark.parametrize(
    ("text", "key"),
    [
        *[("", "k"), (" \n\t ", "k"), ("x" * 4001, "k"), (None, "k"), (["x"], "k"), (7, "k")],
        *[("hello", ""), ("hello", "k" * 129), ("hello", None), ("hello", 7)],
    ],
)
async def test_what_is_no_message_is_refused(
    visitor: Visitor, bot: FakeBot, text: object, key: object
) -> None:
    body = {"text": text, "client_message_id": key}
    response = await visitor.client.post(
        f"{visitor.url}/messages", json=body, headers=visitor.headers
    )
    assert_problem(response, 422, "invalid-request")
    wrong = "text" if key == "k" else "client_message_id"
    assert [e["field"] for e in response.json()["errors"]] == [f"body.{wrong}"]
    assert bot.store.log == []


@pytest.mark.parametrize("text", ["x" * 4000, "怎" * 4000, f"  {'x' * 4000}\n"])
async def test_the_longest_message_is_accepted(visitor: Visitor, bot: FakeBot, text: str) -> None:
    assert (await visitor.ask(text, key="k" * 128)).status_code == 200
    assert bot.store.log[0].text == text.strip()


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        (r"a\u0000b", "a\ufffdb"),
        (r"a\ud800b", "a\ufffdb"),
        (r"\udfff\udfff", "\ufffd\ufffd"),
        (r"\ud83d\ude00 ok", "😀 ok"),
        ("𠮷 ｱ", "𠮷 ｱ"),
    ],
)
async def test_what_cannot_be_stored_is_replaced(
    visitor: Visitor, bot: FakeBot, raw: str, stored: str
) -> None:
    body = f'{{"text": "{raw}", "client_message_id": "{raw}"}}'.encode()
    headers = visitor.headers | {"Content-Type": "application/json"}
    response = await visitor.client.post(f"{visitor.url}/messages", content=body, headers=headers)
    assert response.status_code == 200
    assert bot.store.log[0].text == stored
    assert bot.store.log[0].client_message_id == stored


@pytest.mark.parametrize(
    "body",
    [
        *[b"", b"{", b"[]", b"null", b"\xff\xfe", b'"text"', b'{"text": "\xff"}'],
        b"[" * 30_000,
        b'{"text": "hi", "client_message_id": "k", "x": ' + b"[" * 20 + b"]" * 20 + b"}",
        b'{"x": ' * 900 + b"1" + b"}" * 900,
    ],
)
async def test_what_is_no_json_of_ours_is_refused(
    visitor: Visitor, bot: FakeBot, body: bytes
) -> None:
    headers = visitor.headers | {"Content-Type": "application/json"}
    response = await visitor.client.post(f"{visitor.url}/messages", content=body, headers=headers)
    assert_problem(response, 422, "invalid-request")
    assert bot.store.log == []


async def test_unknown_members_are_ignored_down_to_the_depth_limit(visitor: Visitor) -> None:
    deep = json.loads("[" * 19 + "]" * 19)
    body = {"text": "hi", "client_message_id": "k", "x": deep}
    response = await visitor.client.post(
        f"{visitor.url}/messages", json=body, headers=visitor.headers
    )
    assert response.status_code == 200


# Search


async def test_search_gives_public_articles(client: httpx.AsyncClient, bot: FakeBot) -> None:
    started = time.perf_counter()
    response = await client.post("/v1/search", json={"query": " hi, create a team ", "k": 3})
    waited_ms = (time.perf_counter() - started) * 1000
    assert response.status_code == 200
    found = response.json()
    assert found["query"] == "hi, create a team"
    assert found["standalone_query"] == "create a team"
    assert found["answerable"] == 0.8712
    assert 0 <= found["latency_ms"] <= waited_ms + 0.1  # a tenth is what rounding may add
    (result,) = found["results"]
    excerpt = result.pop("excerpt")
    assert excerpt.startswith("Open **Settings** and choose *Teams*. Open **Settings**")
    assert 200 < len(excerpt) <= 300
    assert result == {
        "path": "en/administration/teams.md",
        "anchor": "create-a-team",
        "title": "Teams",
        "heading_path": ["Teams", "Create a team"],
        "locale": "en",
        "score": 0.9123,
    }
    (query,) = bot.retriever.queries
    assert (query.text, query.limit) == ("create a team", 3)
    assert query.audience == frozenset({"public"})


@pytest.mark.parametrize(
    ("body", "locale"),
    [
        ({"query": "create a team"}, Locale.EN),
        ({"query": "怎么创建团队"}, Locale.ZH),
        ({"query": "create a team", "locale": "zh"}, Locale.ZH),
    ],
)
async def test_search_takes_the_locale_or_that_of_the_query(
    client: httpx.AsyncClient, bot: FakeBot, body: dict[str, Any], locale: Locale
) -> None:
    await client.post("/v1/search", json=body | {"audience": ["internal"]})
    assert bot.retriever.queries[0].locale is locale
    assert bot.retriever.queries[0].audience == frozenset({"public"})
    assert bot.retriever.queries[0].limit == 10


@pytest.mark.parametrize("body", [{}, {"query": " "}, {"query": "x", "k": 0}, {"query": 1}])
async def test_a_search_without_sense_is_refused(
    client: httpx.AsyncClient, body: dict[str, Any]
) -> None:
    assert_problem(await client.post("/v1/search", json=body), 422, "invalid-request")


async def test_search_without_its_model_is_a_problem(
    client: httpx.AsyncClient, bot: FakeBot, caplog: pytest.LogCaptureFixture
) -> None:
    bot.retriever.failure = ModelUnavailable("model.onnx is missing")
    response = await client.post("/v1/search", json={"query": "create a team"})
    assert_problem(response, 503, "model-unavailable")
    assert response.headers["retry-after"]
    assert "onnx" not in response.text
    assert "model.onnx is missing" in caplog.text


async def test_search_without_an_index_is_a_problem(
    client: httpx.AsyncClient, bot: FakeBot
) -> None:
    bot.retriever.index = IndexStatus(snapshot=None)
    response = await client.post("/v1/search", json={"query": "create a team"})
    assert_problem(response, 503, "index-missing")


# Streams on a real connection


@pytest.fixture
async def live(app: FastAPI) -> AsyncIterator[Visitor]:
    async with serve(app) as url, httpx.AsyncClient(base_url=url, timeout=None) as client:  # noqa: S113
        yield await Visitor.arrive(client)


async def test_a_client_that_hangs_up_does_not_stop_its_turn(live: Visitor, bot: FakeBot) -> None:
    bot.dialogue.gate.clear()
    body = {"text": "Teams?", "client_message_id": "k"}
    headers = live.headers | {"Accept": STREAM}
    url = f"{live.url}/messages"
    async with live.client.stream("POST", url, json=body, headers=headers) as response:
        seen = [await anext(read_events(response))]
    assert isinstance(seen[0], Event)
    assert seen[0].name == "status"
    bot.dialogue.gate.set()
    reply = (await live.ask("Teams?")).json()
    assert reply["decision"] == "answer"
    assert len(bot.dialogue.started) == 1


async def test_deltas_arrive_while_the_turn_runs(live: Visitor, bot: FakeBot) -> None:
    bot.dialogue.gate.clear()
    body = {"text": "Teams?", "client_message_id": "k"}
    headers = live.headers | {"Accept": STREAM}
    names = []
    async with live.client.stream(
        "POST", f"{live.url}/messages", json=body, headers=headers
    ) as response:
        async for event in read_events(response):
            assert isinstance(event, Event)
            names.append(event.name)
            if event.name == "delta":
                bot.dialogue.gate.set()  # only now can the rest come
    assert names == ["status", "delta", "delta", "status", "reply", "done"]


async def test_a_quiet_stream_sends_heartbeats(live: Visitor, app: FastAPI, bot: FakeBot) -> None:
    widget: Widget = app.state.widget
    app.state.widget = replace(widget, heartbeat_s=0.005)
    bot.dialogue.gate.clear()
    body = {"text": "Teams?", "client_message_id": "k"}
    headers = live.headers | {"Accept": STREAM}
    seen: list[str] = []
    async with live.client.stream(
        "POST", f"{live.url}/messages", json=body, headers=headers
    ) as response:
        async for event in read_events(response):
            seen.append(event if isinstance(event, str) else event.name)
            if seen.count(": ping") == 2:
                bot.dialogue.gate.set()
    assert [name for name in seen if name != ": ping"] == [
        *("status", "delta", "delta", "status", "reply", "done")
    ]


async def test_a_conversations_events_are_its_messages_and_then_new_ones(
    live: Visitor, app: FastAPI
) -> None:
    app.state.widget = replace(app.state.widget, poll_s=60)  # so that only the bell can wake it
    reply = (await live.ask("first", key="1")).json()
    async with live.client.stream("GET", f"{live.url}/events", headers=live.headers) as response:
        assert response.headers["x-accel-buffering"] == "no"
        events = read_messages(response)
        old = [await anext(events), await anext(events)]
        await live.ask("second", key="2")
        new = [await anext(events), await anext(events)]
    texts = [e.data["text"] for e in old + new]
    assert texts == ["first", ANSWER, "second", ANSWER]
    assert old[1].data["reply"] == reply
    assert old[1].id == reply["message"] == old[1].data["id"]


async def test_a_message_shows_before_it_is_answered(
    live: Visitor, app: FastAPI, bot: FakeBot
) -> None:
    app.state.widget = replace(app.state.widget, poll_s=60)
    bot.dialogue.gate.clear()
    async with live.client.stream("GET", f"{live.url}/events", headers=live.headers) as response:
        asking = asyncio.create_task(live.ask("Teams?"))
        event = await anext(read_messages(response))
        assert event.data["author"] == "customer"
        bot.dialogue.gate.set()
        await asking


async def test_a_conversations_events_go_on_after_the_last_event_id(live: Visitor) -> None:
    first = (await live.ask("first", key="1")).json()
    await live.ask("second", key="2")
    headers = live.headers | {"Last-Event-ID": first["message"]}
    async with live.client.stream("GET", f"{live.url}/events", headers=headers) as response:
        event = await anext(read_messages(response))
    assert event.data["text"] == "second"


async def test_events_of_another_process_are_found_by_looking(
    live: Visitor, app: FastAPI, bot: FakeBot
) -> None:
    app.state.widget = replace(app.state.widget, poll_s=0.005)
    async with live.client.stream("GET", f"{live.url}/events", headers=live.headers) as response:
        events = read_messages(response)
        await bot.store.accept(Message(live.conversation, Author.AGENT, "A person here."))
        event = await anext(events)
    assert event.data["author"] == "agent"


async def test_events_end_when_the_server_is_about_to_leave(live: Visitor, app: FastAPI) -> None:
    await live.ask("first")
    seen = []
    async with live.client.stream("GET", f"{live.url}/events", headers=live.headers) as response:
        async for event in read_events(response):
            seen.append(event if isinstance(event, str) else event.name)
            if seen == ["message", "message", "status"]:
                announce_leaving(app)
    assert seen == ["message", "message", "status", "retry: 1000"]


async def test_a_conversation_has_only_so_many_readers_at_once(live: Visitor) -> None:
    async with AsyncExitStack() as streams:
        for _ in range(READERS):
            stream = live.client.stream("GET", f"{live.url}/events", headers=live.headers)
            await streams.enter_async_context(stream)
        refused = await live.client.get(f"{live.url}/events", headers=live.headers)
        assert_problem(refused, 429, "too-many-requests")
        assert int(refused.headers["retry-after"]) > 0
        other = await Visitor.arrive(live.client)
        async with live.client.stream("GET", f"{other.url}/events", headers=other.headers) as read:
            assert read.status_code == 200


async def test_readers_who_left_leave_nothing_behind(live: Visitor, app: FastAPI) -> None:
    widget: Widget = app.state.widget
    async with live.client.stream("GET", f"{live.url}/events", headers=live.headers):
        assert widget.arrivals.watched == 1
    await until(lambda: not widget.arrivals.watched)
    metrics = (await live.client.get("/metrics")).text
    assert "firstline_sse_open 0.0" in metrics


# What is not there


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/slack/events"),
        ("GET", "/docs"),
    ],
)
async def test_what_no_issue_names_yet_is_absent(
    client: httpx.AsyncClient, method: str, path: str
) -> None:
    assert_problem(await client.request(method, path), 404, "not-found")


async def test_a_wrong_method_is_a_problem(client: httpx.AsyncClient) -> None:
    response = await client.delete("/v1/search")
    assert_problem(response, 405, "method-not-allowed")
    assert response.headers["allow"] == "POST"
