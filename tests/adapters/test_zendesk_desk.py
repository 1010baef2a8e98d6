"""A ticket in Zendesk's own terms, and what is said of a set-up that is not complete."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.adapters.desk_http import DeskHttp
from bot.adapters.memory_store import MemoryStore
from bot.adapters.zendesk_desk import ZendeskDesk
from bot.domain.conversation import Author, Message
from bot.domain.desk_news import DeskStatus, actor_at
from bot.domain.outbox import DeskRefused, DeskUnavailable
from bot.domain.ticket import Priority, Ticket, TicketEventKind
from bot.domain.ticket_change import TicketNote
from tests.adapters.desk_contract import delivery_of
from tests.adapters.desks import WORDING, Place, place_of, tell
from tests.adapters.stores import Clock
from tests.adapters.test_ticket_store import FULL, opened, started
from tests.desk_server import Response

OPENED, WROTE = TicketEventKind.OPENED, TicketEventKind.CUSTOMER_WROTE


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    async with place_of("zendesk", Clock()) as place:
        yield place


@pytest.fixture
def book(place: Place) -> Any:
    return place.book


def remarks(book: Any) -> list[dict[str, Any]]:
    return [audit["events"][0] for audit in book.audits[1]]


def before_updates(book: Any, act: Callable[[], object]) -> Callable[[Any], Response]:
    """Somebody is faster each time; gives back how the desk answers without them."""
    answer: Callable[[Any], Response] = book.answer

    def meanwhile(request: Any) -> Response:
        if request.method == "PUT":
            act()
        return answer(request)

    book.answer = meanwhile
    return answer


async def test_a_ticket_speaks_zendesks_language(place: Place, book: Any, ticket: Ticket) -> None:
    assert await tell(place, ticket, OPENED, 1) == "1"
    row = book.rows[1]
    assert row["external_id"] == ticket.id
    assert row["subject"].startswith(f"{ticket.label}: 导出不了")
    assert row["priority"] == "urgent"
    assert row["tags"] == ["firstline", "firstline_frustrated", "tier_basic"]
    assert row["requester"] == {"name": "Mei", "email": "mei@example.com"}
    assert row["organization_id"] == 77
    assert row["custom_fields"] == [{"id": 360001, "value": "basic"}]
    (note,) = remarks(book)
    assert note["public"] is False
    assert "导出不了！" in note["body"]
    assert place.server.requests[0].headers["authorization"].startswith("Basic ")


async def test_a_field_that_zendesk_does_not_take_is_left_out(
    place: Place, book: Any, ticket: Ticket, caplog: pytest.LogCaptureFixture
) -> None:
    answer = book.answer

    def picky(request: Any) -> Response:
        if request.method == "POST" and "custom_fields" in request.data["ticket"]:
            details = {"tier": [{"description": "导出不了 is invalid"}], "1; no name": []}
            return Response(422, {"error": "RecordInvalid", "details": details})
        found: Response = answer(request)
        return found

    book.answer = picky
    await tell(place, ticket, OPENED, 1)
    assert "custom_fields" not in book.rows[1]
    assert book.tickets == [ticket.id]
    assert "answered 422: tier; sent without" in caplog.text
    assert "导出不了" not in caplog.text


async def test_a_key_that_was_used_for_other_words_makes_no_second_ticket(
    place: Place, book: Any, ticket: Ticket
) -> None:
    """The look-up did not show the ticket yet, and its priority has changed meanwhile."""
    await tell(place, ticket, OPENED, 1)
    answer, blind = book.answer, [True]

    def late(request: Any) -> Response:
        if request.path.endswith("/tickets.json") and request.method == "GET" and blind:
            blind.pop()
            return Response(200, {"tickets": []})
        found: Response = answer(request)
        return found

    book.answer = late
    assert await tell(place, replace(ticket, priority=Priority.NORMAL), OPENED, 1) == "1"
    assert book.tickets == [ticket.id]


async def test_whoever_changes_the_ticket_meanwhile_goes_first(
    place: Place, book: Any, ticket: Ticket
) -> None:
    await tell(place, ticket, OPENED, 1)
    answer = before_updates(book, lambda: book.say(1, 2, "I am on it"))
    with pytest.raises(DeskUnavailable, match="409"):
        await tell(place, ticket, WROTE, 2)
    book.answer = answer
    await tell(place, ticket, WROTE, 2)
    assert len(remarks(book)) == 3


async def test_what_visitors_write_is_a_note(place: Place, book: Any) -> None:
    store = MemoryStore()
    ticket = await opened(store, await started(store))
    await tell(place, ticket, OPENED, 1)
    await tell(place, ticket, WROTE, 2, Message(ticket.conversation, Author.CUSTOMER, "more"))
    assert "requester" not in book.rows[1]
    last = remarks(book)[-1]
    assert (last["body"], last["public"]) == ("The customer wrote:\n\nmore", False)


async def test_steps_and_what_the_desk_said_itself(place: Place, book: Any, ticket: Ticket) -> None:
    kinds = TicketEventKind
    await tell(place, ticket, OPENED, 1)
    said = Message(ticket.conversation, Author.AGENT, "hi", agent=actor_at("zendesk", "Jun"))
    await tell(place, ticket, kinds.AGENT_REPLIED, 2, said)
    await tell(place, ticket, kinds.ASSIGNED, 3)
    assert len(remarks(book)) == 1
    ours = replace(said, agent=actor_at("webhook", "Kim"))
    await tell(place, ticket, kinds.AGENT_REPLIED, 4, ours)
    assert remarks(book)[-1]["body"] == "Kim replied at another desk:\n\nhi"
    await tell(place, replace(ticket, priority=Priority.HIGH), kinds.PRIORITISED, 5)
    assert book.rows[1]["priority"] == "high"
    await tell(place, ticket, kinds.RESOLVED, 6)
    assert book.rows[1]["status"] == "solved"
    await tell(place, ticket, kinds.REOPENED, 7)
    assert book.rows[1]["status"] == "open"
    assert not any(remark["public"] for remark in remarks(book))


async def test_what_is_over_in_a_closed_ticket_is_not_told(
    place: Place, book: Any, ticket: Ticket
) -> None:
    kinds = TicketEventKind
    await tell(place, ticket, OPENED, 1)
    book.close(1)
    for n, kind in enumerate((kinds.RESOLVED, kinds.NOTED, kinds.PRIORITISED), 2):
        assert await tell(place, ticket, kind, n) == "1"
    assert len(remarks(book)) == 1
    assert len(book.rows) == 1


async def test_what_comes_after_the_end_opens_a_ticket_that_follows_up(
    place: Place, book: Any, ticket: Ticket
) -> None:
    more = Message(ticket.conversation, Author.CUSTOMER, "It is back")
    await tell(place, ticket, OPENED, 1)
    book.close(1)
    for _ in range(2):
        assert await tell(place, ticket, WROTE, 2, more) == "2"
    row = book.rows[2]
    assert (row["via_followup_source_id"], row["external_id"]) == (1, ticket.id)
    assert row["tags"][0] == "firstline"
    assert row["priority"] == "urgent"
    (said,) = [audit["events"][0] for audit in book.audits[2]]
    assert (said["body"], said["public"], said["author_id"]) == ("It is back", True, 3)
    await tell(place, ticket, TicketEventKind.RESOLVED, 3)
    assert book.rows[2]["status"] == "solved"
    assert book.tickets == [ticket.id] * 2


async def test_a_follow_up_that_is_closed_is_followed_up_itself(
    place: Place, book: Any, ticket: Ticket
) -> None:
    await tell(place, ticket, OPENED, 1)
    for n in (1, 2):
        book.close(n)
        assert await tell(place, ticket, WROTE, n + 1) == str(n + 1)
    assert await tell(place, ticket, WROTE, 2) == "3"  # sent again, long after it was told
    assert [row.get("via_followup_source_id") for row in book.rows.values()] == [None, 1, 2]


async def test_a_ticket_that_is_closed_meanwhile_is_followed_up_at_the_next_attempt(
    place: Place, book: Any, ticket: Ticket
) -> None:
    await tell(place, ticket, OPENED, 1)
    before_updates(book, lambda: book.rows[1].update(status="closed"))
    with pytest.raises(DeskUnavailable, match="closed"):
        await tell(place, ticket, WROTE, 2)
    assert await tell(place, ticket, WROTE, 2) == "2"


async def test_an_archived_ticket_is_known_by_its_number(
    place: Place, book: Any, ticket: Ticket
) -> None:
    await tell(place, ticket, OPENED, 1)
    book.close(1)
    answer = book.answer

    def archived(request: Any) -> Response:
        if request.method == "GET" and request.path.endswith("/tickets.json"):
            found = [row for row in book.rows.values() if row["id"] != 1]
            return Response(200, {"tickets": found})
        shown: Response = answer(request)
        return shown

    book.answer = archived
    later = replace(delivery_of(ticket, WROTE, 2), reference="1")
    for _ in range(2):
        assert await place.desk.deliver(later, ticket, None) == "2"
    assert book.rows[2]["via_followup_source_id"] == 1


async def test_an_agents_note_stays_among_agents(place: Place, book: Any, ticket: Ticket) -> None:
    note = TicketNote(ticket.id, "agent-1", "Check the log first").said(ticket.conversation)
    await tell(place, ticket, OPENED, 1)
    await tell(place, ticket, TicketEventKind.NOTED, 2, note)
    said = remarks(book)[-1]
    assert said["public"] is False
    assert said["body"].endswith("not for the customer:\n\nCheck the log first")


async def test_only_those_that_changed_are_told_of(place: Place, book: Any, ticket: Ticket) -> None:
    await tell(place, ticket, OPENED, 1)
    page = await place.desk.changed(None)
    assert (page.changed, page.is_last) == (((ticket.id, "1"),), True)
    assert (await place.desk.changed(page.place)).changed == ()
    book.say(1, 2, "Try again")
    again = await place.desk.changed(page.place)
    assert again.changed == page.changed
    news = await place.desk.news("1")
    assert [(one.author, one.text) for one in news.replies] == [("Jun", "Try again")]


async def test_many_changes_come_in_pages(place: Place, book: Any) -> None:
    store = MemoryStore()
    for n in range(3):
        ticket = await opened(store, await started(store), packet=FULL)
        await tell(place, ticket, OPENED, n)
    first = await place.desk.changed(None)
    second = await place.desk.changed(first.place)
    assert [one for _, one in (*first.changed, *second.changed)] == ["1", "2", "3"]
    assert (first.is_last, second.is_last) == (False, True)


async def test_a_closed_ticket_that_is_followed_up_ends_nothing(
    place: Place, book: Any, ticket: Ticket
) -> None:
    await tell(place, ticket, OPENED, 1)
    book.close(1)
    assert (await place.desk.news("1")).status is DeskStatus.DONE
    await tell(place, ticket, TicketEventKind.REOPENED, 2)
    assert (await place.desk.news("1")).status is None


async def test_a_ticket_that_was_deleted_there_is_gone(place: Place, ticket: Ticket) -> None:
    with pytest.raises(DeskRefused, match="not in Zendesk any more"):
        await tell(place, ticket, WROTE, 2)


@pytest.mark.parametrize(
    "answer",
    [
        Response(200, []),
        Response(200, {"tickets": [7]}),
        Response(200, {"tickets": [{"external_id": "x"}]}),
        Response(200, {"tickets": None}),
    ],
)
async def test_answers_of_another_shape_are_none(
    place: Place, book: Any, ticket: Ticket, answer: Response
) -> None:
    book.answer = lambda _: answer
    with pytest.raises(DeskUnavailable, match="the answer"):
        await tell(place, ticket, OPENED, 1)


async def test_a_complete_set_up_has_nothing_missing(place: Place) -> None:
    assert all(finding.is_good for finding in await place.desk.check())


async def test_what_is_missing_is_said_with_a_way_out(place: Place, book: Any) -> None:
    book.users[1]["role"] = "end-user"
    http = DeskHttp(place.server.address)
    found = await ZendeskDesk(http, WORDING, {"360001": "tier", "9": "reason"}).check()
    wrong = {finding.what: finding.way_out for finding in found if not finding.is_good}
    assert "desks.zendesk.token" in wrong["the token lets an agent in"]
    assert "desks.zendesk.fields" in wrong["ticket field 9"]
    assert "desks.zendesk.webhook_secret" in wrong["a secret proves Zendesk's webhook"]
    assert len(wrong) == 3
    (down,) = await ZendeskDesk(DeskHttp("http://127.0.0.1:9"), WORDING, {}).check()
    assert "desks.zendesk.address" in down.way_out


async def test_who_is_asked_for_news_needs_no_webhook_but_an_admins_token(
    place: Place, book: Any
) -> None:
    desk = ZendeskDesk(DeskHttp(place.server.address), WORDING, {}, is_asked=True)
    assert not desk.tells
    assert all(finding.is_good for finding in await desk.check())
    book.is_admin = False
    (wrong,) = [finding for finding in await desk.check() if not finding.is_good]
    assert wrong.what == "Zendesk is asked for replies"
    assert "an admin's token" in wrong.way_out


async def test_files_are_told_of_and_what_has_no_words_is_none(
    place: Place, book: Any, ticket: Ticket
) -> None:
    await tell(place, ticket, OPENED, 1)
    book.say(1, 2, None)
    book.say(1, 2, None, files=["log.txt", "shot.png"])
    news = await place.desk.news("1")
    assert [(one.text, one.files) for one in news.replies] == [("", ("log.txt", "shot.png"))]


async def test_a_long_ticket_is_heard_to_its_end(place: Place, book: Any, ticket: Ticket) -> None:
    await tell(place, ticket, OPENED, 1)
    for n in range(21 * book.page):
        book.say(1, 2, str(n))
    news = await place.desk.news("1")
    assert len(news.replies) == 21 * book.page
