"""The sheets of a ticket: everything an agent needs, in both languages and in every state."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.adapters.prompt_files import PromptFiles
from bot.bootstrap import build_service_levels
from bot.channels.chat.sheet import Buttons, Paragraph, Sheet, TextField, Tick
from bot.channels.chat.text import Bold, Link, Mention, Moment
from bot.channels.chat.ticket_sheet import (
    CLAIM,
    REOPEN,
    REPLY,
    RESOLVE,
    RETURN,
    TicketSheets,
    TicketView,
)
from bot.domain.conversation import Author, Locale
from bot.domain.knowledge import Citation
from bot.domain.packet import TranscriptLine
from bot.domain.sla import Clocks
from bot.domain.ticket import BOT, Ticket, TicketEvent, TicketEventKind, TicketState
from bot.settings import Settings
from tests.adapters.stores import NOON
from tests.adapters.test_ticket_store import ANGRY, FULL
from tests.channels.chat.program import actions_of, lines_of, small_of, text_of

PROMPTS = PromptFiles()
LEVELS = build_service_levels(Settings(), PROMPTS)
TICKET = Ticket(
    number=12,
    conversation="c",
    escalation=1,
    reason=FULL.reason,
    packet=FULL,
    tier=FULL.requester.tier,
    id="t" * 32,
    opened_at=NOON,
    contact="mei@example.com",
)


def sheets(locale: Locale = Locale.EN) -> TicketSheets:
    return TicketSheets(PROMPTS, locale, ZoneInfo("UTC"))


def clocks_of(ticket: Ticket, *kinds: TicketEventKind, hours: int = 0) -> Clocks:
    events = [TicketEvent(ticket.id, TicketEventKind.OPENED, BOT, NOON)]
    events += [TicketEvent(ticket.id, kind, "a", NOON + timedelta(minutes=5)) for kind in kinds]
    return LEVELS.clocks(ticket, events, NOON + timedelta(hours=hours))


def view_of(ticket: Ticket = TICKET, *kinds: TicketEventKind, hours: int = 0) -> TicketView:
    return TicketView(ticket, clocks_of(ticket, *kinds, hours=hours), "Lee", "https://parley/t")


def told_by(words: str) -> Ticket:
    """Which says nothing else, wherever somebody says something."""
    packet = replace(
        FULL,
        requester=replace(FULL.requester, name=words, organisation=words),
        summary=words,
        asks=(words, "other"),
        page=words,
        next_step=words,
        transcript=(TranscriptLine("m", Author.CUSTOMER, words, NOON, tone=ANGRY),),
    )
    return replace(TICKET, packet=packet, contact=words)


@pytest.mark.parametrize("locale", list(Locale))
def test_the_card_of_a_new_ticket(locale: Locale) -> None:
    card = sheets(locale).card(view_of())
    assert actions_of(card) == [CLAIM, REPLY, RESOLVE, RETURN]
    for known in ("Mei, Harbour Ltd", "mei@example.com", "/boards/7", "怎么导出？"):
        assert known in text_of(card)
    assert card.notice == "T-12: 导出不了"
    assert not card.is_loud


def test_what_cannot_be_undone_is_asked_for_again() -> None:
    (group,) = (part for part in sheets().card(view_of()).parts if isinstance(part, Buttons))
    sure = {one.action: one.confirm for one in group.buttons}
    assert [action for action, confirm in sure.items() if confirm] == [RESOLVE, RETURN]
    assert [one.action for one in group.buttons if one.is_primary] == [CLAIM]
    assert {one.value for one in group.buttons} == {TICKET.id}


def test_the_packet_below_it() -> None:
    packet = sheets().packet(TICKET)
    assert [lines_of(Sheet("", (part,)))[0] for part in packet.parts] == [
        "Next step",
        "Draft of a reply",
        "Also found",
        "Solved before",
        "Conversation",
    ]


def test_sources_are_named_where_they_can_be_found() -> None:
    own = Citation(1, "zh/gantt.md", "png", "甘特图", "/kb/zh/gantt.md#%E5%AF%BC", "")
    wiki = replace(own, n=2, url="https://wiki.example.com/gantt")
    said = TranscriptLine("m", Author.BOT, "So [1][2].", NOON, citations=(own, wiki))
    packet = sheets().packet(replace(TICKET, packet=replace(FULL, transcript=(said,))))
    assert lines_of(packet)[-2:] == [
        "[1] 甘特图 zh/gantt.md",
        "[2] 甘特图 https://wiki.example.com/gantt",
    ]


def test_the_form_to_reply() -> None:
    form = sheets().reply_form(TICKET, TICKET.packet.draft.text)
    assert (form.action, form.value, form.intro) == (REPLY, TICKET.id, "导出不了")
    text, resolves = form.fields
    assert isinstance(text, TextField)
    assert text.value == "Hello"
    assert isinstance(resolves, Tick)


@pytest.mark.parametrize(
    ("state", "kind", "offered"),
    [
        (TicketState.RESOLVED, TicketEventKind.RESOLVED, [REOPEN]),
        (TicketState.RETURNED, TicketEventKind.RETURNED, []),
        (TicketState.CANCELLED, TicketEventKind.CANCELLED, []),
        (TicketState.MERGED, TicketEventKind.MERGED, []),
    ],
)
def test_what_is_over_offers_only_what_can_be_done(
    state: TicketState, kind: TicketEventKind, offered: list[str]
) -> None:
    card = sheets().card(view_of(replace(TICKET, state=state), kind))
    assert actions_of(card) == offered
    assert small_of(card) == []


def test_it_says_who_has_it() -> None:
    card = sheets().card(view_of(replace(TICKET, assignee="a")))
    assert "Lee has it." in lines_of(card)
    assert CLAIM not in actions_of(card)


@pytest.mark.parametrize(
    ("is_flat", "how"), [(False, "In this thread"), (True, "begin with `T-12`")]
)
def test_it_says_how_to_write_to_the_customer(is_flat: bool, how: str) -> None:
    (rule,) = small_of(sheets().card(replace(view_of(), is_flat=is_flat)))
    assert how in rule
    assert "`//`" in rule


def test_the_clock_is_shown_as_it_stands() -> None:
    assert "⏳ First answer due 2026-03-02 13:00+00:00" in lines_of(sheets().card(view_of()))
    late = text_of(sheets().card(view_of(hours=100)))
    assert "🔴 Late: the first answer was due 2026" in late
    shown = text_of(sheets().card(view_of(TICKET, TicketEventKind.AGENT_REPLIED, hours=1)))
    assert "✅ First answer given in time" in shown
    assert "Resolution: the clock stands still" in shown
    until = NOON + timedelta(hours=3)
    snoozed = replace(TICKET, state=TicketState.SNOOZED, snoozed_until=until)
    card = sheets().card(view_of(snoozed, TicketEventKind.SNOOZED))
    standing = card.parts[3]
    assert isinstance(standing, Paragraph)
    assert Moment(until, "2026-03-01 15:00+00:00") in standing.lines[-1]


def test_words_of_customers_are_data() -> None:
    evil = "<!channel> **x** [T-1](https://evil.test) $agent"
    ticket = told_by(evil)
    told = sheets().event(TicketEventKind.CONTACT_LEFT, ticket, evil, "")
    wrote = sheets().event(TicketEventKind.CUSTOMER_WROTE, ticket, None, evil)
    shown = [sheets().card(replace(view_of(ticket), link="")), sheets().packet(ticket), told, wrote]
    spans = [
        span
        for sheet in shown
        for part in sheet.parts
        for line in getattr(part, "lines", ())
        for span in line
    ]
    assert sum(evil in span for span in spans if isinstance(span, str)) == 8
    assert not [one for one in spans if isinstance(one, Link | Mention)]
    assert not [one for one in spans if isinstance(one, Bold) and "evil" in one.text]


def test_what_takes_several_posts_says_so() -> None:
    pages = [Sheet("T-12", (Paragraph(((str(n),),)),)) for n in range(4)]
    assert sheets().first(pages, 4) == pages
    kept = sheets().first(pages, 3)
    assert kept[:2] == pages[:2]
    (left_out,) = small_of(kept[-1])
    assert "shortened" in left_out
    assert len(kept) == 3


def test_events_name_who_did_them() -> None:
    told = sheets().event(TicketEventKind.RESOLVED, TICKET, "Lee & Co", "")
    assert told.notice == text_of(told) == "Resolved by Lee & Co."
    said = sheets().event(TicketEventKind.AGENT_REPLIED, TICKET, None, "Try <this>")
    assert lines_of(said) == ["Agent replied:", "Try <this>"]
    assert said.notice == "Agent replied:\nTry <this>"


def test_one_agent_reads_what_was_not_done() -> None:
    told = sheets().refusal("taken", ticket="T-12", agent="**Lee**")
    assert told.notice == text_of(told) == "**Lee** has T-12 already."


@pytest.mark.parametrize(("locale", "told"), [(Locale.EN, "channel website"), (Locale.ZH, "网站")])
def test_what_a_ticket_is_said_to_be_is_in_the_agents_words(locale: Locale, told: str) -> None:
    assert told in text_of(sheets(locale).card(view_of()))
    elsewhere = replace(TICKET, packet=replace(FULL, channel="pager"))
    assert "pager" in text_of(sheets(locale).card(view_of(elsewhere)))
