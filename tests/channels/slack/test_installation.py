"""Tokens of workspaces are kept sealed, and installing is begun and ended in one browser."""

from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from aiohttp import web
from fastapi import FastAPI
from slack_sdk.oauth.installation_store import Installation

from bot.adapters.fernet_seals import FernetSeals, ListedKeys, new_key
from bot.adapters.prompt_files import PromptFiles
from bot.channels.slack.installation import STATE_TIME, SealedInstallations, SealedStates
from bot.channels.slack.oauth import AppCredentials, build_installing, mount_installation
from bot.domain.conversation import Locale
from bot.domain.outbox import DeskRefused, DeskUnavailable
from tests.adapters.stores import Clock
from tests.chat_stand_in import listen

OLD, NEW = new_key(), new_key()


@pytest.fixture
def clock() -> Clock:
    return Clock()


class Shelf:
    """What a store keeps of installations."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    async def save_installation(self, channel: str, key: str, sealed: str) -> None:
        self.kept[channel, key] = sealed

    async def installation(self, channel: str, key: str) -> str | None:
        return self.kept.get((channel, key))

    async def installations(self, channel: str) -> list[str]:
        return sorted(key for of, key in self.kept if of == channel)

    async def forget_installation(self, channel: str, key: str) -> None:
        self.kept.pop((channel, key), None)


def seals_of(*keys: str) -> FernetSeals:
    return FernetSeals(ListedKeys(" ".join(keys), "store.keys"))


def installation_of(team: str = "T1", n: int = 1) -> Installation:
    return Installation(
        team_id=team,
        team_name="Harbour",
        user_id="U1",
        user_token="xoxp-secret",
        bot_token=f"xoxb-{n}",
        bot_id="B1",
        bot_user_id="UB",
        bot_scopes="chat:write",
    )


async def test_what_is_kept_shows_no_token() -> None:
    shelf = Shelf()
    store = SealedInstallations(shelf, seals_of(NEW))
    await store.async_save(installation_of())
    (kept,) = shelf.kept.values()
    assert "xox" not in kept
    assert await store.token("T1") == "xoxb-1"
    bot = await store.async_find_bot(enterprise_id=None, team_id="T1")
    assert bot is not None
    assert (bot.bot_token, bot.bot_user_id, bot.team_name) == ("xoxb-1", "UB", "Harbour")
    found = await store.async_find_installation(enterprise_id=None, team_id="T1")
    assert found is not None
    assert found.user_token is None


async def test_each_workspace_has_its_own_and_installing_again_replaces_it() -> None:
    store = SealedInstallations(Shelf(), seals_of(NEW))
    for team, n in (("T1", 1), ("T2", 2), ("T1", 3)):
        await store.async_save(installation_of(team, n))
    assert [await store.token(team) for team in ("T1", "T2")] == ["xoxb-3", "xoxb-2"]
    assert await store.installed() == ["T1", "T2"]


async def test_who_leaves_is_forgotten() -> None:
    store = SealedInstallations(Shelf(), seals_of(NEW))
    await store.async_save(installation_of())
    await store.async_delete_installation(enterprise_id=None, team_id="T1", user_id="U1")
    assert await store.token("T1") == "xoxb-1"
    await store.async_delete_all(enterprise_id=None, team_id="T1")
    with pytest.raises(DeskRefused, match="/slack/install"):
        await store.token("T1")
    assert await store.async_find_bot(enterprise_id=None, team_id="T1") is None


async def test_a_new_key_takes_over_before_the_old_one_goes() -> None:
    shelf = Shelf()
    await SealedInstallations(shelf, seals_of(OLD)).async_save(installation_of())
    assert await SealedInstallations(shelf, seals_of(NEW, OLD)).token("T1") == "xoxb-1"
    assert await SealedInstallations(shelf, seals_of(NEW)).token("T1") == "xoxb-1"
    with pytest.raises(DeskUnavailable, match="former key"):
        await SealedInstallations(shelf, seals_of(OLD)).token("T1")


async def test_what_is_damaged_cannot_be_read() -> None:
    shelf, seals = Shelf(), seals_of(NEW)
    for sealed in ("damaged", seals.seal("damaged")):
        await shelf.save_installation("slack", "T1", sealed)
        with pytest.raises(DeskUnavailable, match="/slack/install"):
            await SealedInstallations(shelf, seals).token("T1")


async def test_a_state_is_known_for_some_minutes(clock: Clock) -> None:
    states = SealedStates(seals_of(NEW), clock)
    state = await states.async_issue()
    assert state != await states.async_issue()
    clock.advance(STATE_TIME)
    assert await states.async_consume(state)
    clock.advance(timedelta(seconds=1))
    assert not await states.async_consume(state)


@pytest.mark.parametrize("state", ["", "x", "forged", "ZmVybmV0", "é", "=" * 40])
async def test_a_forged_state_is_not(state: str, clock: Clock) -> None:
    assert not await SealedStates(seals_of(NEW), clock).async_consume(state)
    theirs = await SealedStates(seals_of(OLD), clock).async_issue()
    assert not await SealedStates(seals_of(NEW), clock).async_consume(theirs)


@pytest.fixture
async def slack() -> AsyncIterator[str]:
    """Exchanges one code for a token."""

    async def exchange(request: web.Request) -> web.Response:
        given = await request.post()
        if given["code"] != "good":
            return web.json_response({"ok": False, "error": "invalid_code"})
        assert request.headers["Authorization"] == f"Basic {b64encode(b'1.2:secret').decode()}"
        answer: dict[str, Any] = {
            "ok": True,
            "app_id": "A1",
            "access_token": "xoxb-9",
            "bot_user_id": "UB",
            "scope": "chat:write",
            "team": {"id": "T9", "name": "Harbour <Ltd>"},
            "authed_user": {"id": "U1"},
        }
        return web.json_response(answer)

    async def test(_: web.Request) -> web.Response:
        return web.json_response({"ok": True, "bot_id": "B1"})

    app = web.Application()
    app.router.add_post("/oauth.v2.access", exchange)
    app.router.add_post("/auth.test", test)
    async with listen(app) as address:
        yield f"{address}/"


@pytest.fixture
async def browser(
    slack: str, clock: Clock
) -> AsyncIterator[tuple[httpx.AsyncClient, SealedInstallations]]:
    seals = seals_of(NEW)
    installations = SealedInstallations(Shelf(), seals)
    installing = build_installing(
        AppCredentials("1.2", "secret", slack),
        installations,
        SealedStates(seals, clock),
        PromptFiles(),
        Locale.EN,
    )
    app = FastAPI()
    mount_installation(app, installing)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://help.test") as client:
        yield client, installations


Browser = tuple[httpx.AsyncClient, SealedInstallations]


async def begun(client: httpx.AsyncClient) -> tuple[str, str]:
    """The state, and the cookie that goes with it."""
    response = await client.get("/slack/install")
    assert response.status_code == 302
    asked = urlsplit(response.headers["location"])
    assert asked.netloc == "slack.com"
    query = parse_qs(asked.query)
    assert "chat:write" in query["scope"][0].split(",")
    cookies = SimpleCookie(response.headers["set-cookie"])
    (name,) = cookies
    assert cookies[name]["secure"]
    assert cookies[name]["httponly"]
    client.cookies.clear()
    return query["state"][0], f"{name}={cookies[name].value}"


async def finished(client: httpx.AsyncClient, cookie: str, **query: str) -> httpx.Response:
    headers = {"Cookie": cookie} if cookie else {}
    return await client.get("/slack/oauth_redirect", params=query, headers=headers)


async def test_a_workspace_installs_it(browser: Browser) -> None:
    client, installations = browser
    state, cookie = await begun(client)
    response = await finished(client, cookie, code="good", state=state)
    assert response.status_code == 200
    assert "Harbour &lt;Ltd&gt;" in response.text
    assert await installations.token("T9") == "xoxb-9"


@pytest.mark.parametrize("case", ["no cookie", "forged", "late", "bad code", "declined"])
async def test_nothing_else_installs_anything(browser: Browser, clock: Clock, case: str) -> None:
    client, installations = browser
    state, cookie = await begun(client)
    query = {"code": "good", "state": state}
    if case == "no cookie":
        cookie = ""
    elif case == "forged":
        cookie, query["state"] = "slack-app-oauth-state=x", "x"
    elif case == "late":
        clock.advance(timedelta(hours=1))
    elif case == "bad code":
        query["code"] = "bad"
    else:
        query = {"error": "access_denied", "state": state}
    response = await finished(client, cookie, **query)
    assert "installed in" not in response.text
    assert ("as you wished" in response.text) is (case == "declined")
    with pytest.raises(DeskRefused):
        await installations.token("T9")
