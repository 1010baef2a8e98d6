"""What the routes tell of customers: who they are, what they came with, what they thought of it."""

from collections.abc import Mapping
from typing import Any

from bot.channels.inbox.moments import moment_json
from bot.domain.profile import CustomerProfile, PastConversation, PastTicket
from bot.domain.survey import Survey

Shape = dict[str, Any]

# Of a visitor, whom nobody has vouched for.
NOBODY: Mapping[str, Any] = {"labels": None, "conversations": [], "csat": None, "nps": None}


def profile_json(profile: CustomerProfile) -> Shape:
    customer = profile.customer
    return {
        "id": customer.id,
        "name": customer.name,
        "email": customer.email,
        "organisation": customer.organisation,
        "tier": customer.tier.value,
        "locale": customer.locale.value if customer.locale else None,
        **about_customer_json(profile),
        "tickets": [other_json(ticket) for ticket in profile.tickets],
    }


def about_customer_json(profile: CustomerProfile) -> Shape:
    return {
        "labels": list(profile.labels),
        "conversations": [past_json(past) for past in profile.conversations],
        "csat": profile.csat,
        "nps": profile.nps,
    }


def past_json(past: PastConversation) -> Shape:
    return {
        "id": past.id,
        "channel": past.channel,
        "status": past.status.value,
        "created_at": moment_json(past.created_at),
        "tickets": past.tickets,
    }


def other_json(ticket: PastTicket) -> Shape:
    return {
        "id": ticket.id,
        "label": ticket.label,
        "summary": ticket.summary,
        "state": ticket.state.value,
        "opened_at": moment_json(ticket.opened_at),
        "csat": ticket.csat,
        "nps": ticket.nps,
        "comment": ticket.comment,
    }


def survey_json(survey: Survey | None) -> Shape | None:
    if survey is None:
        return None
    return {"csat": survey.csat, "nps": survey.nps, "comment": survey.comment}
