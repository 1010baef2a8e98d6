"""Every route of the application against everybody who may come to it. A route without a row fails.

Each row says what is answered to, in this order:

    none      nobody in particular
    stranger  a visitor with the token of a conversation of their own
    former    a token that another replaced, and an agent's session that was not used for too long
    visitor   the visitor whose conversation it is
    agent     a signed-in agent
    admin     the same in the role of an admin
    disabled  an agent who was signed in and is disabled since
    foreign   visitor and admin at once, from a page of another site
    forged    the same from a page of this site that cannot show the CSRF token

Requests that change something have an empty body, so 422 says that it would have been looked at.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest
from fastapi.routing import iter_route_contexts

from bot.domain.agent import Agent, Role
from bot.domain.audit import AuditEvent
from bot.domain.conversation import Locale
from bot.domain.customer import Customer
from bot.domain.knowledge import ArticlePage
from bot.ports import AgentChange
from tests.channels.office import ORIGIN, Browser, Office, slug

Row = tuple[int, int, int, int, int, int, int, int, int]

WHO = ("none", "stranger", "former", "visitor", "agent", "admin", "disabled", "foreign", "forged")

# fmt: off
#                none strg  form  vis  agent admin disbl  forgn  forged
ALL: Row =       (200, 200, 200, 200,  200,  200,  200,   403,   200)
EMBEDDED: Row =  (200, 200, 200, 200,  200,  200,  200,   200,   200)
VISITOR: Row =   (404, 404, 404, 200,  404,  404,  404,   403,   200)
TOLD: Row =      (404, 404, 404, 204,  404,  404,  404,   403,   204)
READ: Row =      (404, 404, 404, 422,  404,  404,  404,   403,   422)
ENTRANCE: Row =  (422, 422, 422, 422,  422,  422,  422,   403,   422)
PAGE: Row =      (303, 303, 303, 303,  200,  200,  303,   403,   200)
ADMIN_PAGE: Row = (303, 303, 303, 303, 404,  200,  303,   403,   200)
AGENT: Row =     (401, 401, 401, 401,  200,  200,  401,   403,   200)
ADMIN: Row =     (401, 401, 401, 401,  404,  200,  401,   403,   200)
DONE: Row =      (401, 401, 401, 401,  200,  200,  401,   403,   403)
LOOKED_AT: Row = (401, 401, 401, 401,  422,  422,  401,   403,   403)
SIGN: Row =      (401, 401, 401, 401,  204,  204,  401,   403,   403)
FIRST: Row =     (401, 401, 401, 401,  200,  409,  401,   403,   403)  # the second is too late
UNFIT: Row =     (401, 401, 401, 401,  409,  409,  401,   403,   403)  # the ticket is open already
ASKS_TWICE: Row = (401, 401, 401, 401, 404,  202,  401,   403,   403)

ROWS: Mapping[str, Row] = {
    # The widget and what it is made of
    "GET /":                                            (307,) * 7 + (403, 307),
    "GET /demo":                                        ALL,
    "GET /demo/{name}":                                 ALL,
    "GET /widget.js":                                   EMBEDDED,
    "GET /widget-support.js":                           ALL,
    "GET /widget/{name}":                               EMBEDDED,
    "GET /kb/{path:path}":                              ALL,
    "GET /images/{name}":                               (404,) * 7 + (403, 404),
    # Operation
    "GET /healthz":                                     ALL,
    "GET /readyz":                                      ALL,
    "GET /metrics":                                     ALL,
    "GET /openapi.json":                                ALL,
    # Desks elsewhere prove themselves by a signature; here none is set up
    "POST /desks/{name}/events":                        (404,) * 7 + (403, 404),
    # Conversations
    "POST /v1/conversations":                           (201,) * 7 + (403, 201),
    "GET /v1/conversations/{conversation_id}":          VISITOR,
    "GET /v1/conversations/{conversation_id}/events":   VISITOR,
    "POST /v1/conversations/{conversation_id}/identify": READ,
    "POST /v1/conversations/{conversation_id}/messages": READ,
    "POST /v1/conversations/{conversation_id}/handoff": VISITOR,
    "POST /v1/conversations/{conversation_id}/handoff/cancel": VISITOR,
    "POST /v1/conversations/{conversation_id}/contact": READ,
    "POST /v1/conversations/{conversation_id}/typing":  TOLD,
    "POST /v1/conversations/{conversation_id}/survey":  (404,) * 3 + (409, 404, 404, 404, 403, 409),
    "POST /v1/messages/{message_id}/feedback":          READ,
    "POST /v1/search":                                  ENTRANCE,
    # The inbox: pages
    "GET /inbox":                                       PAGE,
    "GET /inbox/account":                               PAGE,
    "GET /inbox/agents":                                ADMIN_PAGE,
    "GET /inbox/sign-in":                               ALL,
    "GET /inbox/static/{name}":                         ALL,
    "GET /inbox/static/inbox/{name}":                   ALL,
    # The inbox: sign-in and one's own account. Who comes with a session shows its token, too.
    "POST /inbox/api/sign-in":                          ENTRANCE,
    "POST /inbox/api/invitation":                       ENTRANCE,
    "POST /inbox/api/sign-out":                         (401,) * 4 + (204, 204, 401, 403, 403),
    "GET /inbox/api/me":                                AGENT,
    "POST /inbox/api/account/profile":                  DONE,
    "POST /inbox/api/account/password":                 LOOKED_AT,
    "POST /inbox/api/account/codes":                    LOOKED_AT,
    "POST /inbox/api/account/codes/confirm":            LOOKED_AT,
    "POST /inbox/api/account/codes/recovery":           LOOKED_AT,
    "POST /inbox/api/account/codes/remove":             LOOKED_AT,
    # The inbox: work
    "GET /inbox/api/queue":                             AGENT,
    "GET /inbox/api/agents":                            AGENT,
    "GET /inbox/api/canned":                            AGENT,
    "GET /inbox/api/events":                            AGENT,
    "GET /inbox/api/customers/{customer_id}":           AGENT,
    "POST /inbox/api/customers/{customer_id}/labels":   DONE,
    "GET /inbox/api/conversations":                     AGENT,
    "GET /inbox/api/conversations/{conversation_id}":   AGENT,
    "POST /inbox/api/conversations/{conversation_id}/take-over": DONE,
    "GET /inbox/api/tickets/{ticket_id}":               AGENT,
    "POST /inbox/api/tickets/{ticket_id}/assign":       LOOKED_AT,
    "POST /inbox/api/tickets/{ticket_id}/attend":       SIGN,
    "POST /inbox/api/tickets/{ticket_id}/claim":        FIRST,
    "POST /inbox/api/tickets/{ticket_id}/leave":        SIGN,
    "POST /inbox/api/tickets/{ticket_id}/merge":        LOOKED_AT,
    "POST /inbox/api/tickets/{ticket_id}/note":         LOOKED_AT,
    "POST /inbox/api/tickets/{ticket_id}/prioritise":   LOOKED_AT,
    "POST /inbox/api/tickets/{ticket_id}/reopen":       UNFIT,
    "POST /inbox/api/tickets/{ticket_id}/reply":        LOOKED_AT,
    "POST /inbox/api/tickets/{ticket_id}/resolve":      FIRST,
    "POST /inbox/api/tickets/{ticket_id}/return":       FIRST,
    "POST /inbox/api/tickets/{ticket_id}/snooze":       LOOKED_AT,
    "POST /inbox/api/tickets/{ticket_id}/typing":       SIGN,
    "POST /inbox/api/tickets/{ticket_id}/wake":         UNFIT,
    "POST /inbox/api/tickets/{ticket_id}/wrong":        LOOKED_AT,
    # The inbox: administration
    "GET /inbox/api/admin/agents":                      ADMIN,
    "POST /inbox/api/admin/agents":                     (401,) * 4 + (404, 422, 401, 403, 403),
    "POST /inbox/api/admin/agents/{agent_id}/{deed}":   ASKS_TWICE,
    "POST /inbox/api/admin/audit/export":               ASKS_TWICE,
    "GET /inbox/api/outbox/dead":                       ADMIN,
    "GET /inbox/api/inbound/dead":                      ADMIN,
    "POST /inbox/api/inbound/replay":                   (401,) * 4 + (404, 422, 401, 403, 403),
    "POST /inbox/api/outbox/{key}/replay":              (401,) * 4 + (404, 404, 401, 403, 403),
}
# fmt: on
PAGE_PATH = "en/teams.md"
NAMES = {
    "/inbox/static/{name}": "inbox.css",
    "/inbox/static/inbox/{name}": "main.js",
    "/demo/{name}": "demo.css",
    "/widget/{name}": "client.js",
    "/images/{name}": "none.png",
}
VALUES = {"deed": "disable", "customer_id": "u-1", "key": "k"}


@dataclass
class Person:
    client: httpx.AsyncClient
    headers: dict[str, str] = field(default_factory=lambda: {"Origin": ORIGIN})


@dataclass
class House:
    office: Office
    people: dict[str, Person]
    values: dict[str, str]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    office = Office()
    office.bot.verifier.customers["mei"] = Customer("u-1")
    office.bot.retriever.articles[PAGE_PATH] = ArticlePage(PAGE_PATH, "Teams", Locale.EN, ())
    agents = {
        "agent": await office.add("agent@example.com"),
        "admin": await office.add("admin@example.com", Role.ADMIN),
        "disabled": await office.add("disabled@example.com", Role.ADMIN),
    }
    async with AsyncExitStack() as stack:

        async def browser(email: str | None = None) -> Browser:
            return await stack.enter_async_context(office.browser(email))

        former = await browser("admin@example.com")
        office.clock.advance(minutes=90)
        admin = await browser("admin@example.com")
        people = {
            "none": Person((await browser()).client),
            "stranger": Person((await browser()).client),
            "former": Person(former.client, former.headers),
            "visitor": Person((await browser()).client),
            "agent": person(await browser("agent@example.com")),
            "admin": person(admin),
            "disabled": person(await browser("disabled@example.com")),
            "foreign": Person(admin.client, {**admin.headers, "Origin": "https://evil.example"}),
            "forged": Person(admin.client, {"Origin": admin.headers["Origin"]}),
        }
        values = await converse(people)
        conversation = await office.bot.store.conversation(values["conversation_id"])
        assert conversation is not None
        handoffs = office.bot.hand_over.handoffs
        ticket = await handoffs.take_over(conversation, agents["agent"].id, Locale.EN)
        values["ticket_id"] = ticket.id
        await disable(office, agents["disabled"])
        office.clock.advance(minutes=90)
        office.app.state.desk.arrivals.close()  # ends event streams as soon as they began
        yield House(office, people, {**VALUES, **values, "agent_id": agents["agent"].id})


def person(browser: Browser) -> Person:
    return Person(browser.client, browser.headers)


async def converse(people: Mapping[str, Person]) -> dict[str, str]:
    """A conversation of a visitor who proved who they are, and one of a stranger. Gives the ids."""

    async def post(path: str, token: str, body: Any = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}"}
        response = await people["none"].client.post(f"/v1{path}", json=body or {}, headers=headers)
        assert response.is_success, response.text
        found: dict[str, Any] = response.json()
        return found

    begun, other = await post("/conversations", ""), await post("/conversations", "")
    path = f"/conversations/{begun['conversation']}"
    body = {"text": "How?", "client_message_id": "m1"}
    reply = await post(f"{path}/messages", begun["token"], body)
    known = await post(f"{path}/identify", begun["token"], {"identity": "mei"})
    for who, token in (
        ("stranger", other["token"]),
        ("former", begun["token"]),
        ("visitor", known["token"]),
        ("foreign", known["token"]),
        ("forged", known["token"]),
    ):
        people[who].headers["Authorization"] = f"Bearer {token}"
    return {"conversation_id": begun["conversation"], "message_id": reply["message"]}


async def disable(office: Office, agent: Agent) -> None:
    """Of the agent alone: the session is still in the store."""
    gone = replace(agent, active=False)
    await office.agents.apply(AgentChange(gone, agent, AuditEvent("operator", "agent.disable")))


def routes_of(office: Office) -> list[str]:
    return sorted(
        f"{method} {route.path}"
        for route in iter_route_contexts(office.app.routes)
        if route.path
        for method in route.methods or ()
        if method != "HEAD"
    )


def test_every_route_has_a_row() -> None:
    assert routes_of(Office()) == sorted(ROWS)


@pytest.mark.parametrize("row", ROWS)
async def test_route_is_for_whom_it_is(house: House, row: str) -> None:
    method, _, template = row.partition(" ")
    path = template.replace("{path:path}", PAGE_PATH).format(
        **house.values, name=NAMES.get(template, "")
    )
    answered = []
    # Those who are refused come first, and whoever ends something last.
    for who in sorted(WHO, key=lambda who: who in ("visitor", "agent", "admin")):
        person = house.people[who]
        body = {} if method == "POST" else None
        response = await person.client.request(method, path, json=body, headers=person.headers)
        answered.append((who, response.status_code))
        check_refusal(response)
    assert {who: ROWS[row][WHO.index(who)] for who in WHO} == dict(answered)


def check_refusal(response: httpx.Response) -> None:
    match response.status_code:
        case 401:
            assert slug(response) == "sign-in-needed"
            assert "www-authenticate" not in response.headers
        case 403:
            assert slug(response) in ("origin-refused", "forgery-refused")
        case 404:
            assert slug(response) == "not-found"
        case 303:
            assert response.headers["location"] == "/inbox/sign-in"
