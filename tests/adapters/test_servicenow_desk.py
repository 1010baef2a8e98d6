"""A record in ServiceNow's own terms, and what is said of a set-up that is not complete."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.adapters.desk_http import DeskHttp, RequestRefused
from bot.adapters.servicenow_desk import LONGEST_MARKS, ServiceNowDesk
from bot.adapters.servicenow_records import PAGE
from bot.adapters.standard_webhooks import WebhookSecret
from bot.domain.conversation import Author, Message
from bot.domain.desk_news import DeskStatus
from bot.domain.outbox import DeskRefused, DeskUnavailable
from bot.domain.packet import Requester
from bot.domain.ticket import Priority, Ticket, TicketEventKind
from bot.domain.ticket_change import TicketNote
from tests.adapters.desks import WORDING, Place, place_of, tell
from tests.adapters.stores import Clock
from tests.desk_server import Response

OPENED, WROTE = TicketEventKind.OPENED, TicketEventKind.CUSTOMER_WROTE


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    async with place_of("servicenow", Clock()) as place:
        yield place


@pytest.fixture
def book(place: Place) -> Any:
    return place.book


def asked(place: Place, clock: Clock) -> ServiceNowDesk:
    """A desk that has no events to wait for."""
    none = WebhookSecret("", "s")
    http = DeskHttp(place.server.address)
    return ServiceNowDesk(http, WORDING, {}, none, clock, user="firstline", is_asked=True)


def record(book: Any) -> dict[str, Any]:
    (found,) = book.rows.values()
    return dict(found)


async def test_a_ticket_speaks_servicenows_language(
    place: Place, book: Any, ticket: Ticket
) -> None:
    assert await tell(place, ticket, OPENED, 1) == "INC0000001"
    row = record(book)
    assert row["correlation_id"] == ticket.id
    assert row["short_description"].startswith(f"{ticket.label}: 导出不了")
    assert (row["impact"], row["urgency"], row["u_tier"]) == ("1", "1", "basic")
    assert row["company"] == "c" * 32
    assert row["description"] == "导出不了\n怎么导出？"
    ((kind, note),) = row["notes"]
    assert kind == "work_notes"
    assert "导出不了！" in note


async def test_what_the_customer_adds_is_a_comment_and_the_rest_are_notes(
    place: Place, book: Any, ticket: Ticket
) -> None:
    kinds = TicketEventKind
    await tell(place, ticket, OPENED, 1)
    await tell(place, ticket, WROTE, 2, Message(ticket.conversation, Author.CUSTOMER, "more"))
    await tell(place, replace(ticket, priority=Priority.HIGH), kinds.PRIORITISED, 3)
    assert (record(book)["impact"], record(book)["urgency"]) == ("2", "1")
    await tell(place, ticket, kinds.RESOLVED, 4)
    assert (record(book)["state"], record(book)["close_code"]) == ("6", "Solution provided")
    await tell(place, ticket, kinds.REOPENED, 5)
    assert record(book)["state"] == "2"
    assert [kind for kind, _ in record(book)["notes"]] == [
        *("work_notes", "comments", "work_notes", "work_notes", "work_notes")
    ]


async def test_a_rule_that_refuses_fields_does_not_keep_the_ticket_out(
    place: Place, book: Any, ticket: Ticket
) -> None:
    book.forbidden = {"impact", "close_code"}
    await tell(place, ticket, OPENED, 1)
    await tell(place, ticket, TicketEventKind.RESOLVED, 2)
    assert record(book)["state"] == "1"
    assert record(book)["notes"][-1] == ("work_notes", "Resolved in Firstline.")
    assert book.tickets == [ticket.id]


@pytest.mark.parametrize(("status", "error"), [(403, DeskUnavailable), (400, RequestRefused)])
async def test_who_may_write_nothing_at_all(
    place: Place, book: Any, ticket: Ticket, status: int, error: type[Exception]
) -> None:
    answer = book.answer
    book.answer = lambda request: Response(status) if request.writes else answer(request)
    with pytest.raises(error, match=str(status)):
        await tell(place, ticket, OPENED, 1)


async def test_marks_are_the_latest_of_those_there_is_room_for(
    place: Place, book: Any, ticket: Ticket
) -> None:
    await tell(place, ticket, OPENED, 1)
    for number in range(1000, 1030):
        await tell(place, ticket, WROTE, number)
    marks = record(book)["correlation_display"]
    assert len(marks) <= LONGEST_MARKS
    assert marks.endswith("1028 1029")
    told = len(record(book)["notes"])
    await tell(place, ticket, WROTE, 1020)
    assert len(record(book)["notes"]) == told


async def test_a_name_cannot_change_a_query(place: Place, ticket: Ticket) -> None:
    for name in ("x^ORactive=true", "javascript:gs.log(1)"):
        asker = Requester(True, "u-1", "Mei", organisation=name)
        packet = replace(ticket.packet, requester=asker)
        unsafe = replace(ticket, id=f"{len(name):032x}", packet=packet)
        await tell(place, unsafe, OPENED, 1)
    assert not [r for r in place.server.requests if "core_company" in r.path]


async def test_a_closed_record_is_followed_by_another_one(
    place: Place, book: Any, ticket: Ticket
) -> None:
    more = Message(ticket.conversation, Author.CUSTOMER, "It is back")
    await tell(place, ticket, OPENED, 1)
    (first,) = book.rows
    book.rows[first]["state"] = "7"
    assert await tell(place, ticket, TicketEventKind.RESOLVED, 2) == "INC0000001"
    assert await tell(place, ticket, TicketEventKind.NOTED, 3) == "INC0000001"
    for _ in range(2):
        assert await tell(place, ticket, WROTE, 4, more) == "INC0000002"
    second = book.rows[f"{2:032x}"]
    assert second["correlation_id"] == f"{ticket.id}.2"
    assert second["parent"] == first
    notes = dict(second["notes"])
    assert notes["comments"].endswith("It is back")
    assert notes["work_notes"].startswith("Follows INC0000001, which is closed.\n\nCustomer: Mei")
    await tell(place, ticket, TicketEventKind.RESOLVED, 5)
    assert second["state"] == "6"
    assert len(book.rows[first]["notes"]) == 1


async def test_what_else_opens_a_successor_stands_in_its_notes(
    place: Place, book: Any, ticket: Ticket
) -> None:
    await tell(place, ticket, OPENED, 1)
    for n in (1, 2):
        book.rows[f"{n:032x}"]["state"] = "7"
        assert await tell(place, ticket, TicketEventKind.REOPENED, n + 1) == f"INC{n + 1:07}"
    assert [row["correlation_id"] for row in book.rows.values()] == [
        ticket.id,
        f"{ticket.id}.2",
        f"{ticket.id}.3",
    ]
    ((kind, note),) = book.rows[f"{3:032x}"]["notes"]
    assert kind == "work_notes"
    assert note.startswith("Follows INC0000002, which is closed.\n\nOpened again in Firstline.")
    await tell(place, ticket, TicketEventKind.REOPENED, 2)
    assert len(book.rows) == 3


async def test_an_agents_note_stays_among_agents(place: Place, book: Any, ticket: Ticket) -> None:
    note = TicketNote(ticket.id, "agent-1", "Check the log first").said(ticket.conversation)
    await tell(place, ticket, OPENED, 1)
    await tell(place, ticket, TicketEventKind.NOTED, 2, note)
    kind, text = record(book)["notes"][-1]
    assert kind == "work_notes"
    assert text.endswith("not for the customer:\n\nCheck the log first")


async def test_comments_are_found_by_asking(place: Place, book: Any, ticket: Ticket) -> None:
    clock = book.clock = Clock()
    desk = asked(place, clock)
    await tell(place, ticket, OPENED, 1)
    page = await desk.changed(None)
    assert page.changed == ((ticket.id, f"{1:032x}"),)
    clock.advance(timedelta(minutes=10))
    assert (await desk.changed(page.place)).changed == page.changed  # what was just being written
    later = (await desk.changed(None)).place
    clock.advance(timedelta(minutes=10))
    assert (await desk.changed(later)).changed == ()
    said = book.say("INC0000001", "jun", "Try again")
    book.say("INC0000001", "firstline", "ours")
    book.say("INC0000001", "x^y", "Somebody else")
    assert (await desk.changed(later)).changed == page.changed
    news = await desk.news(f"{1:032x}")
    assert news.ticket == ticket.id
    assert [(one.author, one.text) for one in news.replies] == [
        ("Jun", "Try again"),
        ("", "Somebody else"),
    ]
    assert news.replies[0].id == said
    assert news.status is None


async def test_a_closed_record_that_is_followed_ends_nothing(
    place: Place, book: Any, ticket: Ticket
) -> None:
    await tell(place, ticket, OPENED, 1)
    number = f"{1:032x}"
    for state in ("6", "7"):
        book.rows[number]["state"] = state
        assert (await place.desk.news(number)).status is DeskStatus.DONE
    await tell(place, ticket, TicketEventKind.REOPENED, 2)
    assert (await place.desk.news(number)).status is None
    assert await place.desk.news("../x") is None
    assert await place.desk.news("f" * 32) is None


async def test_more_changes_than_a_page_are_all_found(
    place: Place, book: Any, ticket: Ticket
) -> None:
    await tell(place, ticket, OPENED, 1)
    (row,) = book.rows.values()
    for n in range(2, 2 * PAGE + 2):
        book.rows[f"{n:032x}"] = {**row, "sys_id": f"{n:032x}"}
    page = await asked(place, Clock()).changed(None)
    assert len(set(page.changed)) == 2 * PAGE + 1


async def test_an_event_about_a_successor_is_about_the_ticket(place: Place, ticket: Ticket) -> None:
    body = {"type": "ticket.resolved", "data": {"ticket": f"{ticket.id}.2"}}
    news = await place.desk.read(json.dumps(body).encode())
    assert news.ticket == ticket.id


async def test_a_record_that_was_deleted_there_is_gone(place: Place, ticket: Ticket) -> None:
    with pytest.raises(DeskRefused, match="not in ServiceNow any more"):
        await tell(place, ticket, WROTE, 2)


@pytest.mark.parametrize(
    "data", [[], {"result": {}}, {"result": [7]}, {"result": [{"sys_id": "../x"}]}]
)
async def test_answers_of_another_shape_are_none(
    place: Place, book: Any, ticket: Ticket, data: Any
) -> None:
    book.answer = lambda _: Response(200, data)
    with pytest.raises(DeskUnavailable, match="the answer"):
        await tell(place, ticket, WROTE, 1)


async def test_a_complete_set_up_has_nothing_missing(place: Place, ticket: Ticket) -> None:
    await tell(place, ticket, OPENED, 1)
    assert all(finding.is_good for finding in await place.desk.check())


async def test_what_is_missing_is_said_with_a_way_out(place: Place) -> None:
    none = WebhookSecret("", "s")
    desk = ServiceNowDesk(DeskHttp(place.server.address), WORDING, {"u_x": "tier"}, none)
    wrong = {one.what: one.way_out for one in await desk.check() if not one.is_good}
    assert "desks.servicenow.fields" in wrong["field u_x"]
    assert "webhook_secret" in wrong["a secret proves events from ServiceNow"]
    assert len(wrong) == 2
    (down,) = await ServiceNowDesk(DeskHttp("http://127.0.0.1:9"), WORDING, {}, none).check()
    assert "check desks.servicenow.address" in down.way_out


async def test_who_is_asked_for_news_has_to_let_comments_be_read(place: Place, book: Any) -> None:
    desk, answer = asked(place, Clock()), book.answer
    assert all(finding.is_good for finding in await desk.check())
    book.answer = lambda r: Response(403) if "sys_journal_field" in r.path else answer(r)
    (wrong,) = [finding for finding in await desk.check() if not finding.is_good]
    assert "let the user read sys_journal_field" in wrong.way_out
