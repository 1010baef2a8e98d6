"""What every request meets, and what operators look at."""

import asyncio
import threading
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from bot.app import announce_leaving, create_app
from bot.domain.conversation import Author, Conversation, Message
from bot.middleware import MAX_BODY_BYTES
from bot.ports import IndexStatus
from tests.fakes import SNAPSHOT, FakeBot
from tests.web import Visitor, call, serve


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


async def figures(client: httpx.AsyncClient) -> dict[str, float]:
    lines = (await client.get("/metrics")).text.splitlines()
    samples = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    return {name: float(value) for name, value in samples}


# Health


async def test_the_loop_answers_whatever_else_is_broken(
    client: httpx.AsyncClient, bot: FakeBot
) -> None:
    bot.store.broken = True
    bot.retriever.index = IndexStatus(snapshot=None)
    response = await client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_health_can_be_asked_without_a_body(
    client: httpx.AsyncClient, bot: FakeBot, path: str
) -> None:
    assert (await client.head(path)).status_code == 200
    bot.store.broken = True
    assert (await client.head(path)).status_code == (await client.get(path)).status_code


async def test_ready_with_a_store_and_an_index(client: httpx.AsyncClient) -> None:
    response = await client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ready",
        "checks": {"store": {"ok": True}, "index": {"ok": True, "snapshot": SNAPSHOT}},
    }


async def test_not_ready_without_an_index(client: httpx.AsyncClient, bot: FakeBot) -> None:
    bot.retriever.index = IndexStatus(snapshot=None, refused="vectors.npy: wrong hash")
    response = await client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["status"] == "unavailable"
    index = response.json()["checks"]["index"]
    assert (index["ok"], index["snapshot"]) == (False, None)
    assert "firstline ingest" in index["reason"]
    assert index["refused"] == {"reason": "vectors.npy: wrong hash"}


async def test_not_ready_without_a_store(client: httpx.AsyncClient, bot: FakeBot) -> None:
    bot.store.broken = True
    response = await client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["store"] == {
        "ok": False,
        "reason": "the database is out of reach",
    }


async def test_not_ready_when_it_is_about_to_leave(bot: FakeBot) -> None:
    app = create_app(bot)
    announce_leaving(app)
    async with call(app) as client:
        response = await client.get("/readyz")
    assert (response.status_code, response.json()["status"]) == (503, "leaving")


async def test_ready_with_an_older_snapshot_in_place_of_a_refused_one(
    client: httpx.AsyncClient, bot: FakeBot
) -> None:
    bot.retriever.index = IndexStatus(SNAPSHOT, refused="chunks.jsonl: wrong hash")
    response = await client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["checks"]["index"] == {
        "ok": True,
        "snapshot": SNAPSHOT,
        "refused": {"reason": "chunks.jsonl: wrong hash"},
    }


# Figures


async def test_turns_are_counted_by_decision_and_timed_by_stage(
    client: httpx.AsyncClient, bot: FakeBot
) -> None:
    visitor = await Visitor.arrive(client)
    await visitor.ask("Teams?", key="1")
    await visitor.ask("Teams?", key="2")
    bot.dialogue.failing = 1
    await visitor.ask("Teams?", key="3")
    counted = await figures(client)
    assert counted['firstline_turns_total{decision="answer"}'] == 2
    assert counted['firstline_turns_total{decision="failed"}'] == 1
    assert counted["firstline_turn_seconds_count"] == 3
    assert counted['firstline_turn_stage_seconds_count{stage="record"}'] == 2


async def test_requests_are_counted_by_route_template(client: httpx.AsyncClient) -> None:
    visitor = await Visitor.arrive(client)
    await visitor.ask("Teams?")
    for path in (visitor.url, "/v1/conversations/" + "0" * 32):
        await client.get(path, headers=visitor.headers)
    for path in ("/nowhere/1", "/nowhere/2", "/demo/demo.css"):
        await client.get(path)
    counted = await figures(client)

    def requests(method: str, route: str, status: int) -> float:
        labels = f'method="{method}",route="{route}",status="{status}"'
        return counted[f"firstline_http_requests_total{{{labels}}}"]

    one = "/v1/conversations/{conversation_id}"
    assert requests("POST", "/v1/conversations", 201) == 1
    assert requests("POST", f"{one}/messages", 200) == 1
    assert requests("GET", one, 200) == 1
    assert requests("GET", one, 404) == 1
    assert requests("GET", "none", 404) == 2
    assert requests("GET", "/demo/{name}", 200) == 1
    assert visitor.conversation not in (await client.get("/metrics")).text


async def test_the_index_in_use_is_a_figure(client: httpx.AsyncClient, bot: FakeBot) -> None:
    counted = await figures(client)
    assert counted[f'firstline_index_info{{snapshot="{SNAPSHOT}"}}'] == 1
    assert counted["firstline_index_refused"] == 0
    bot.retriever.index = IndexStatus("older", refused="damaged")
    counted = await figures(client)
    assert counted['firstline_index_info{snapshot="older"}'] == 1
    assert counted["firstline_index_refused"] == 1


async def test_two_applications_count_apart(client: httpx.AsyncClient) -> None:
    await Visitor.arrive(client)
    async with call(create_app(FakeBot())) as other:
        assert "/v1/conversations" not in (await other.get("/metrics")).text


# Every response


@pytest.mark.parametrize(
    "path", ["/healthz", "/demo", "/demo/demo.js", "/nowhere", "/v1/search", "/crash"]
)
async def test_security_headers_are_on_every_response(
    app: FastAPI, client: httpx.AsyncClient, path: str
) -> None:
    @app.get("/crash")
    async def crash() -> None:
        raise RuntimeError("inside knowledge")

    headers = (await client.get(path)).headers
    assert headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    expected = "no-cache" if path.endswith(".js") else "no-store"  # asked again, or never kept
    assert headers["cache-control"] == expected


async def test_a_crash_is_a_problem_that_says_nothing_of_the_inside(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    @app.get("/crash")
    async def crash() -> None:
        raise RuntimeError("inside knowledge")

    response = await client.get("/crash")
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["type"] == "/problems/internal-error"
    assert "inside" not in response.text
    counted = await figures(client)
    labels = 'method="GET",route="/crash",status="500"'
    assert counted[f"firstline_http_requests_total{{{labels}}}"] == 1


def padded(size: int) -> bytes:
    body = b'{"locale": "en"}'
    return body + b" " * (size - len(body))


async def in_chunks(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 1000):
        yield body[start : start + 1000]


@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize(("excess", "status"), [(0, 201), (1, 413), (100_000, 413)])
async def test_a_body_has_a_limit_declared_or_not(
    client: httpx.AsyncClient, declared: bool, excess: int, status: int
) -> None:
    body = padded(MAX_BODY_BYTES + excess)
    response = await client.post(
        "/v1/conversations",
        content=body if declared else in_chunks(body),
        headers={"Content-Type": "application/json"},
    )
    assert response.status_code == status
    if status == 413:
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["type"] == "/problems/too-large"
        assert response.headers["connection"] == "close"  # or the rest would be read first


async def test_a_body_without_end_is_cut_off_on_a_real_connection(app: FastAPI) -> None:
    head = b"POST /v1/conversations HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
    chunk = b"10001\r\n" + b" " * 0x10001
    async with serve(app) as url:
        port = int(url.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head + b"Transfer-Encoding: chunked\r\n\r\n" + chunk)
        response = await reader.read()  # until the server closes, though the body has no end
        writer.close()
    assert response.startswith(b"HTTP/1.1 413 ")


# The page and the ways to it


async def test_the_root_leads_to_the_demo(client: httpx.AsyncClient) -> None:
    response = await client.get("/")
    assert response.status_code == 307
    assert response.headers["location"] == "demo"
    page = await client.get("/demo")
    assert page.headers["content-type"].startswith("text/html")
    for asset, kind in (("demo.js", "javascript"), ("demo.css", "css")):
        assert f"demo/{asset}" in page.text
        assert kind in (await client.get(f"/demo/{asset}")).headers["content-type"]


async def test_the_demo_gives_out_its_own_files_only(client: httpx.AsyncClient) -> None:
    for path in ("/demo/../routes.py", "/demo/%2e%2e/routes.py", "/demo/..%2froutes.py"):
        assert (await client.get(path)).status_code == 404


# From start to end


async def test_start_recovers_and_the_end_waits_and_closes(app: FastAPI, bot: FakeBot) -> None:
    conversation = Conversation(channel="widget")
    await bot.store.add_conversation(conversation)
    await bot.store.accept(Message(conversation.id, Author.CUSTOMER, "left by a crash"))
    async with serve(app):
        assert not bot.store.closed
    assert [m.author for m in bot.store.log] == [Author.CUSTOMER, Author.BOT]
    assert bot.store.closed


async def test_the_language_model_is_read_beside_the_event_loop(app: FastAPI, bot: FakeBot) -> None:
    async with app.router.lifespan_context(app):
        await asyncio.to_thread(bot.reader.loaded.wait)
    assert bot.reader.loaded_by != threading.get_ident()


class FakeChat:
    """A chat program beside the application."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.mounts = (lambda app: app.add_api_route("/parley", lambda: "mounted"),)
        self.begun, self.is_over, self.is_closed = asyncio.Event(), False, False

    async def run(self) -> None:
        self.begun.set()
        if self.failure is not None:
            raise self.failure
        try:
            await asyncio.Event().wait()
        finally:
            self.is_over = True

    async def close(self) -> None:
        self.is_closed = True

    async def deliver(self, conversation: Conversation, message: Message) -> None: ...

    @property
    def courier(self) -> "FakeChat":
        return self


async def test_chat_programs_run_beside_it_and_one_that_breaks_stops_nothing(
    bot: FakeBot, caplog: pytest.LogCaptureFixture
) -> None:
    works, breaks = FakeChat(), FakeChat(RuntimeError("broken"))
    breaks.mounts = ()  # type: ignore[assignment]
    bot.chats = {"parley": works, "babble": breaks}
    app = create_app(bot)
    async with app.router.lifespan_context(app), call(app) as client:
        await asyncio.gather(works.begun.wait(), breaks.begun.wait())
        assert (await client.get("/parley")).json() == "mounted"
    assert works.is_over
    assert works.is_closed
    assert "nothing is worked on in babble" in caplog.text


async def test_what_comes_in_ends_before_turns_are_waited_for(
    bot: FakeBot,
) -> None:
    class LateChat(FakeChat):
        async def run(self) -> None:
            try:
                await super().run()
            finally:
                self.turn = await bot.turns.submit(Message("a", Author.CUSTOMER, "Teams?"))
                assert not self.is_closed

    chat = LateChat()
    bot.chats = {"parley": chat}
    app = create_app(bot)
    async with app.router.lifespan_context(app):
        await chat.begun.wait()
    assert chat.turn.reply is not None
    assert chat.is_closed


async def test_the_end_waits_for_running_turns(app: FastAPI, bot: FakeBot) -> None:
    bot.dialogue.gate.clear()
    async with app.router.lifespan_context(app):
        turn = await bot.turns.submit(Message("a", Author.CUSTOMER, "Teams?"))
        asyncio.get_running_loop().call_later(0.01, bot.dialogue.gate.set)
        assert turn.reply is None
    assert turn.reply is not None
