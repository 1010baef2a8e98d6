"""What agents and askers of a ticket see in Slack, as it leaves for it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.channels.chat.survey_sheet import SurveySheets
from bot.channels.slack.drawing import draw, draw_form, pages
from bot.channels.slack.elements import LONGEST_SAID, Block
from bot.domain.conversation import Author, Locale
from bot.domain.packet import TranscriptLine
from bot.domain.ticket import TicketEventKind, TicketState
from tests.adapters.stores import NOON
from tests.adapters.test_ticket_store import FULL
from tests.channels.chat.test_ticket_sheet import PROMPTS, TICKET, sheets, told_by, view_of
from tests.channels.slack.goldens import check_blocks, check_golden, check_view


def shown_in(blocks: Sequence[Block]) -> list[str]:
    """What stands in them as mrkdwn."""
    return [
        text["text"]
        for block in blocks
        for text in [block.get("text"), *block.get("fields", []), *block.get("elements", [])]
        if text and text.get("type") == "mrkdwn"
    ]


@pytest.mark.parametrize("locale", list(Locale))
def test_the_card_of_a_new_ticket(locale: Locale) -> None:
    view = replace(view_of(), link="https://slack.test/t")
    blocks = draw(sheets(locale).card(view))
    check_blocks(blocks)
    check_golden(f"card.{locale}", blocks)


@pytest.mark.parametrize("locale", list(Locale))
def test_the_packet_below_it(locale: Locale) -> None:
    [page] = pages(sheets(locale).packet(TICKET))
    blocks = draw(page)
    check_blocks(blocks)
    check_golden(f"packet.{locale}", blocks)


@pytest.mark.parametrize("locale", list(Locale))
def test_the_dialog_to_reply(locale: Locale) -> None:
    view = draw_form(sheets(locale).reply_form(TICKET, TICKET.packet.draft.text))
    check_view(view)
    check_golden(f"reply_dialog.{locale}", view)


@pytest.mark.parametrize("locale", list(Locale))
def test_the_survey(locale: Locale) -> None:
    survey = SurveySheets(PROMPTS, locale)
    asked = draw(survey.asked("T-12", "t" * 32))
    ends = [draw(survey.over(name)) for name in ("done", "declined", "closed")]
    for blocks in (asked, draw(survey.rated(4, "t" * 32)), *ends):
        check_blocks(blocks)
    dialog = draw_form(survey.form("T-12", "t" * 32))
    check_view(dialog)
    check_golden(f"survey.{locale}", asked)
    check_golden(f"survey_dialog.{locale}", dialog)


@pytest.mark.parametrize("state", list(TicketState))
def test_a_card_in_any_state_can_be_read(state: TicketState) -> None:
    check_blocks(draw(sheets().card(view_of(replace(TICKET, state=state, snoozed_until=NOON)))))


@pytest.mark.parametrize("kind", [TicketEventKind.NOTED, TicketEventKind.SLA_BREACHED])
def test_what_happened_can_be_read(kind: TicketEventKind) -> None:
    check_blocks(draw(sheets().event(kind, TICKET, "Lee", "Ask billing")))


def test_words_of_customers_order_nothing() -> None:
    evil = "<!channel> <@U1> <https://evil.test|T-1> *x*"
    ticket = told_by(evil)
    told = sheets().event(TicketEventKind.CUSTOMER_WROTE, ticket, evil, evil)
    drawn = [draw(one) for one in (sheets().card(view_of(ticket)), sheets().packet(ticket), told)]
    for blocks in drawn:
        check_blocks(blocks)
        shown = shown_in(blocks)
        assert any("&lt;!channel&gt;" in text for text in shown)
        orders = ("<!channel", "<@", "<https://evil")
        assert not any(order in text for text in shown for order in orders)


def test_a_long_story_is_shortened_and_says_so() -> None:
    lines = tuple(TranscriptLine(f"m{n}", Author.CUSTOMER, "&" * 3000, NOON) for n in range(90))
    ticket = replace(TICKET, packet=replace(FULL, transcript=lines, summary="长" * 5000))
    kept = sheets().first(pages(sheets().packet(ticket)), 5)
    drawn = [draw(page) for page in kept]
    for blocks in drawn:
        check_blocks(blocks)
        assert sum(len(one["text"]["text"]) for one in blocks if "text" in one) <= LONGEST_SAID
    assert len(drawn) == 5
    assert "shortened" in shown_in(drawn[-1])[-1]
    check_blocks(draw(sheets().card(view_of(ticket))))
