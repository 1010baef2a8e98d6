"""A ticket as people read it at a desk elsewhere, in both languages."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from bot.adapters.desk_wording import LONGEST_NOTE, REVIVES, DeskWording
from bot.adapters.memory_store import MemoryStore
from bot.adapters.prompt_files import PromptFiles
from bot.domain.conversation import Author, Locale, Message
from bot.domain.desk_history import SPOKEN, TOLD
from bot.domain.desk_news import actor_at
from bot.domain.packet import TranscriptLine
from bot.domain.ticket import Ticket, TicketEventKind
from tests.adapters.stores import NOON
from tests.adapters.test_ticket_store import FULL, PLAIN, opened, started

BERLIN = ZoneInfo("Europe/Berlin")


def wording(locale: Locale = Locale.EN, *, tells_clock: bool = True) -> DeskWording:
    return DeskWording(PromptFiles(), locale, BERLIN, tells_clock=tells_clock)


@pytest.fixture
async def ticket() -> Ticket:
    store = MemoryStore()
    return await opened(
        store, await started(store), packet=FULL, first_response_due=NOON, contact="mei@a.example"
    )


def test_a_note_holds_all_that_is_known(ticket: Ticket) -> None:
    note = wording().note(ticket)
    for part in (
        *("Mei, Harbour Ltd (identity verified)", "Tier basic", "/boards/7", "is upset"),
        *("First answer promised by: 2026-03-01 13:00+01:00", "mei@a.example"),
        *("## Wants\n导出不了", "## Still open\n- 怎么导出？", "## Next step\nLook into it."),
        *("## Draft of a reply\nHello\n[1] T u", "## Also found\n- T (p)", "- T-1: s\n  r"),
        *("[2026-03-01 13:00] Customer: 导出不了！", "Assistant: …\n    Sources: [1] T u"),
    ):
        assert part in note


async def test_a_plain_packet_has_no_empty_headings() -> None:
    store = MemoryStore()
    ticket = await opened(store, await started(store), packet=PLAIN)
    note = wording().note(ticket)
    assert "a visitor without a name (nobody verified" in note
    assert [line for line in note.splitlines() if line.startswith("##")] == [
        "## Wants",
        "## Conversation",
    ]


def test_in_chinese_too(ticket: Ticket) -> None:
    note = wording(Locale.ZH).note(ticket)
    assert "客户：Mei, Harbour Ltd（" in note or "客户：Mei, Harbour Ltd (" in note
    assert "## 对话记录" in note


def test_a_desk_with_a_clock_of_its_own_hears_of_no_other(ticket: Ticket) -> None:
    own = wording(tells_clock=False)
    assert "promised by" not in own.note(ticket)
    assert not own.tells(TicketEventKind.SLA_BREACHED)
    assert own.tells(TicketEventKind.RESOLVED)
    assert not wording().tells(TicketEventKind.ASSIGNED)


def test_a_long_conversation_is_shortened_and_says_so(ticket: Ticket) -> None:
    line = TranscriptLine("m", Author.CUSTOMER, "x" * 1000, NOON)
    long = replace(ticket, packet=replace(FULL, transcript=(line,) * 100))
    note = wording().note(long)
    assert len(note) < LONGEST_NOTE + 200
    assert note.endswith("(shortened; the whole conversation is in Firstline's inbox)")


def test_a_subject_is_one_line(ticket: Ticket) -> None:
    long = replace(ticket, packet=replace(FULL, summary="a\nb " * 200))
    subject = wording().subject(long)
    assert "\n" not in subject
    assert len(subject) == 150


@pytest.mark.parametrize("kind", TOLD)
def test_every_event_has_its_words(kind: TicketEventKind, ticket: Ticket) -> None:
    message = Message(ticket.conversation, Author.CUSTOMER, "the words")
    text = wording().event(kind, ticket, message)
    is_spoken = kind in SPOKEN
    assert ("the words" in text) == is_spoken


def test_a_desk_is_not_told_what_it_said_nor_what_its_closed_ticket_can_do_without(
    ticket: Ticket,
) -> None:
    said = Message(ticket.conversation, Author.AGENT, "hi", agent=actor_at("far", "Jun"))
    replied, wrote = TicketEventKind.AGENT_REPLIED, TicketEventKind.CUSTOMER_WROTE
    assert not wording().is_news(replied, said, "far")
    assert wording().is_news(replied, said, "near")
    assert not wording().is_news(replied, said, "near", is_closed=True)
    assert wording().is_news(wrote, None, "far", is_closed=True)
    assert not wording().is_news(TicketEventKind.ASSIGNED, None, "far")


def test_every_event_that_revives_is_told() -> None:
    assert set(TOLD) >= REVIVES
