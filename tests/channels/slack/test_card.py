"""The card of a ticket: everything an agent needs, in both languages and in every state."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.adapters.prompt_files import PromptFiles
from bot.bootstrap import build_service_levels
from bot.channels.slack.card import CLAIM, REOPEN, REPLY, RESOLVE, RETURN, CardWriter, TicketView
from bot.channels.slack.elements import LONGEST_SAID, Block
from bot.domain.conversation import Author, Locale
from bot.domain.packet import TranscriptLine
from bot.domain.sla import Clocks
from bot.domain.ticket import BOT, Ticket, TicketEvent, TicketEventKind, TicketState
from bot.settings import Settings
from tests.adapters.stores import NOON
from tests.adapters.test_ticket_store import ANGRY, FULL
from tests.channels.slack.goldens import check_blocks, check_golden, check_view

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


def writer(locale: Locale = Locale.EN) -> CardWriter:
    return CardWriter(PROMPTS, locale, ZoneInfo("UTC"))


def clocks_of(ticket: Ticket, *kinds: TicketEventKind, hours: int = 0) -> Clocks:
    events = [TicketEvent(ticket.id, TicketEventKind.OPENED, BOT, NOON)]
    events += [TicketEvent(ticket.id, kind, "a", NOON + timedelta(minutes=5)) for kind in kinds]
    return LEVELS.clocks(ticket, events, NOON + timedelta(hours=hours))


def view_of(ticket: Ticket = TICKET, *kinds: TicketEventKind, hours: int = 0) -> TicketView:
    return TicketView(ticket, clocks_of(ticket, *kinds, hours=hours), "Lee", "https://slack.test/t")


def actions_of(blocks: list[Block]) -> list[str]:
    return [one["action_id"] for b in blocks if b["type"] == "actions" for one in b["elements"]]


def text_of(blocks: list[Block]) -> str:
    return str(blocks)


@pytest.mark.parametrize("locale", list(Locale))
def test_the_card_of_a_new_ticket(locale: Locale) -> None:
    blocks = list(writer(locale).card(view_of()))
    check_blocks(blocks)
    check_golden(f"card.{locale}", blocks)
    assert actions_of(blocks) == [CLAIM, REPLY, RESOLVE, RETURN]


@pytest.mark.parametrize("locale", list(Locale))
def test_the_packet_below_it(locale: Locale) -> None:
    [blocks] = writer(locale).packet(TICKET)
    check_blocks(blocks)
    check_golden(f"packet.{locale}", blocks)


@pytest.mark.parametrize("locale", list(Locale))
def test_the_dialog_to_reply(locale: Locale) -> None:
    view = writer(locale).reply_dialog(TICKET, "{}", TICKET.packet.draft.text)
    check_view(view)
    check_golden(f"reply_dialog.{locale}", view)


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
    blocks = list(writer().card(view_of(replace(TICKET, state=state), kind)))
    check_blocks(blocks)
    assert actions_of(blocks) == offered


def test_it_says_who_has_it() -> None:
    blocks = list(writer().card(view_of(replace(TICKET, assignee="a"))))
    assert "*Lee* has it." in text_of(blocks)
    assert CLAIM not in actions_of(blocks)


def test_the_clock_is_shown_as_it_stands() -> None:
    due = "<!date^"
    assert f"First answer due {due}" in text_of(list(writer().card(view_of())))
    late = text_of(list(writer().card(view_of(hours=100))))
    assert f"*Late:* the first answer was due {due}" in late
    answered = view_of(TICKET, TicketEventKind.AGENT_REPLIED, hours=1)
    shown = text_of(list(writer().card(answered)))
    assert "First answer given in time" in shown
    assert "Resolution: the clock stands still" in shown
    snoozed = replace(TICKET, state=TicketState.SNOOZED, snoozed_until=NOON + timedelta(hours=3))
    blocks = list(writer().card(view_of(snoozed, TicketEventKind.SNOOZED)))
    check_blocks(blocks)
    assert "Snoozed until <!date^" in text_of(blocks)


def test_words_of_customers_order_nothing() -> None:
    evil = "<!channel> <@U1> <https://evil.test|T-1> *x*"
    packet = replace(
        FULL,
        requester=replace(FULL.requester, name=evil, organisation=evil),
        summary=evil,
        asks=(evil, "other"),
        page=evil,
        next_step=evil,
        transcript=(TranscriptLine("m", Author.CUSTOMER, evil, NOON, tone=ANGRY),),
    )
    ticket = replace(TICKET, packet=packet, contact=evil)
    blocks = [*writer().card(view_of(ticket)), *writer().packet(ticket)[0]]
    check_blocks(blocks)
    mrkdwn = [
        text["text"]
        for block in blocks
        for text in [block.get("text"), *block.get("fields", []), *block.get("elements", [])]
        if text and text.get("type") == "mrkdwn"
    ]
    assert mrkdwn
    assert not any(
        "<!channel" in text or "<@" in text or "<https://evil" in text for text in mrkdwn
    )
    told = writer().event(TicketEventKind.CUSTOMER_WROTE, ticket, evil, evil)
    assert "<!channel" not in told


def test_a_long_story_is_shortened_and_says_so() -> None:
    lines = tuple(TranscriptLine(f"m{n}", Author.CUSTOMER, "&" * 3000, NOON) for n in range(90))
    ticket = replace(TICKET, packet=replace(FULL, transcript=lines, summary="长" * 5000))
    pages = writer().packet(ticket)
    for blocks in pages:
        check_blocks(list(blocks))
        assert (
            sum(len(block["text"]["text"]) for block in blocks if "text" in block) <= LONGEST_SAID
        )
    assert "shortened" in text_of(list(pages[-1][-1:]))
    check_blocks(list(writer().card(view_of(ticket))))


def test_what_is_too_long_for_one_post_says_so() -> None:
    told = writer().event(TicketEventKind.CUSTOMER_WROTE, TICKET, None, "&" * 4000)
    blocks = writer().said(told)
    check_blocks(list(blocks))
    assert "shortened" in text_of(list(blocks[-1:]))
    assert len(writer().said("&amp; so")) == 1


def test_events_name_who_did_them() -> None:
    told = writer().event(TicketEventKind.RESOLVED, TICKET, "Lee & Co", "")
    assert told == "Resolved by Lee &amp; Co."
    said = writer().event(TicketEventKind.AGENT_REPLIED, TICKET, None, "Try <this>")
    assert said == "*Agent replied:*\nTry &lt;this&gt;"
