"""Facts of a ticket for fields of a desk's own."""

from dataclasses import replace

import pytest

from bot.domain.desk_fields import FACTS, facts_for, parse_fields
from bot.domain.desk_news import actor_at, acts_at, name_at_desk
from bot.domain.ticket import Ticket
from tests.adapters.stores import NOON
from tests.adapters.test_ticket_store import ANGRY, FULL, PLAIN

TICKET = Ticket(
    7, "c", 1, FULL.reason, FULL, first_response_due=NOON, contact="mei@a.example", desks=("far",)
)


def test_fields_are_written_as_pairs() -> None:
    assert parse_fields("360001=tier, u_reason=reason  x=page,") == {
        "360001": "tier",
        "u_reason": "reason",
        "x": "page",
    }
    assert parse_fields("") == {}


@pytest.mark.parametrize("text", ["tier", "a=b", "a=", "=tier", "a b=tier", "a^b=tier"])
def test_what_is_no_pair_or_no_fact_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="field=fact"):
        parse_fields(text)


def test_every_fact_is_known_of_a_full_ticket_and_none_is_invented_of_a_plain_one() -> None:
    fields = {fact: fact for fact in FACTS}
    full = facts_for(fields, TICKET)
    assert full.keys() == FACTS.keys()
    assert full["tone"] == ANGRY.label.value
    assert full["first_response_due"] == "2026-03-01 12:00:00"
    plain = facts_for(fields, replace(TICKET, packet=PLAIN, contact=None, first_response_due=None))
    assert FACTS.keys() - plain.keys() == {
        *("tone", "page", "customer", "organisation", "contact", "first_response_due")
    }


def test_who_acts_at_a_desk_is_named_by_it() -> None:
    actor = actor_at("far", "  Jun\nWei ")
    assert (actor, name_at_desk(actor)) == ("desk:far:Jun Wei", "Jun Wei")
    other = actor_at("far", "Jun Wei", "u:1")
    assert (other != actor, name_at_desk(other)) == (True, "Jun Wei")
    assert acts_at(actor, "far")
    assert acts_at(other, "far")
    assert not acts_at(other, "fa")
    assert not acts_at(actor, "fa")
    assert not acts_at(None, "far")
    assert name_at_desk(actor_at("far", "")) is None
    assert name_at_desk("agent-1") is None
