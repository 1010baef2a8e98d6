"""What the routes about tickets give."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bot.channels.inbox.customer_shapes import (
    NOBODY,
    about_customer_json,
    other_json,
    survey_json,
)
from bot.channels.inbox.moments import moment_json
from bot.domain.conversation import Author, Message
from bot.domain.customer import Customer
from bot.domain.feedback import Feedback
from bot.domain.inbound import InboundEvent
from bot.domain.outbox import PUSHED_CHANNELS, Delivery
from bot.domain.packet import Packet, Requester
from bot.domain.reply import Reply
from bot.domain.sla import Clocks
from bot.domain.sla_clock import Clock
from bot.domain.ticket import Ticket, TicketEvent
from bot.domain.ticket_change import TicketNote
from bot.domain.understanding import CALM, Tone
from bot.services.case_files import CaseFile
from bot.services.presence import Signs
from bot.services.worklist import Sight, WorklistRow

Shape = dict[str, Any]


def sight_json(sight: Sight) -> Shape:
    return {
        "tickets": [row_json(row) for row in sight.rows],
        "counts": {view.value: count for view, count in sight.counts.items()},
        "at": moment_json(sight.at),
    }


def row_json(row: WorklistRow) -> Shape:
    queued = row.queued
    return {
        **ticket_json(queued.ticket, queued.customer),
        "tone": tone_course_json(row.course),
        "waiting_for": waiting_for(row.clocks),
        "last_message_at": moment_json(queued.last_message_at),
        "clocks": clocks_json(row.clocks),
    }


def ticket_json(ticket: Ticket, customer: Customer | None) -> Shape:
    packet = ticket.packet
    return {
        "id": ticket.id,
        "label": ticket.label,
        "number": ticket.number,
        "conversation": ticket.conversation,
        "state": ticket.state.value,
        "priority": ticket.priority.value,
        "tier": ticket.tier.value,
        "reason": ticket.reason.value,
        "locale": packet.locale.value,
        "summary": packet.summary,
        "customer": customer_json(customer, packet.requester),
        "assignee": ticket.assignee,
        "team": ticket.team,
        "opened_at": moment_json(ticket.opened_at),
        "snoozed_until": moment_json(ticket.snoozed_until),
    }


def customer_json(customer: Customer | None, asker: Requester) -> Shape:
    """As the company knows them by now, else as they were when they asked."""
    if customer is not None:
        asker = Requester(
            True,
            customer.id,
            customer.name,
            customer.email,
            customer.organisation,
        )
    return {
        "id": asker.customer,
        "name": asker.name,
        "email": asker.email,
        "organisation": asker.organisation,
        "verified": asker.verified,
    }


def tone_course_json(course: Sequence[Tone]) -> Shape:
    latest = course[-1] if course else CALM
    trend = [{"label": tone.label.value, "score": round(tone.score, 3)} for tone in course]
    return {"label": latest.label.value, "score": round(latest.score, 3), "trend": trend}


def waiting_for(clocks: Clocks) -> str:
    return "agent" if clocks.waits_for_agent else "customer"


def clocks_json(clocks: Clocks) -> Shape:
    return {
        "first_response": clock_json(clocks.first_response),
        "resolution": clock_json(clocks.resolution),
    }


def clock_json(clock: Clock) -> Shape:
    return {
        "state": clock.state.value,
        "due": moment_json(clock.due),
        "warn_at": moment_json(clock.warn_at),
        "met_at": moment_json(clock.met_at),
        "remaining_s": round(clock.remaining.total_seconds()),
    }


def case_json(case: CaseFile, signs: Sequence[Signs]) -> Shape:
    """`signs`: those of each of its conversations."""
    ticket = case.ticket
    return {
        **ticket_json(ticket, case.customer),
        "tone": tone_course_json(
            [case.tones[said.id] for said in case.messages if said.id in case.tones]
        ),
        "waiting_for": waiting_for(case.clocks),
        "last_message_at": moment_json(case.messages[-1].created_at if case.messages else None),
        "clocks": clocks_json(case.clocks),
        "contact": ticket.contact,
        "channel": ticket.packet.channel,
        "page": ticket.packet.page,
        "timezone": ticket.timezone,
        "merged_into": ticket.merged_into,
        "packet": packet_json(ticket.packet),
        "conversations": list(case.places),
        "messages": [case_message_json(message, case) for message in case.messages],
        "events": [event_json(event, case) for event in case.events],
        "notes": [note_json(note) for note in case.notes],
        "duplicates": [other_json(other) for other in case.duplicates],
        "survey": survey_json(case.survey),
        "profile": {
            **(about_customer_json(case.profile) if case.profile else NOBODY),
            "tickets": [other_json(other) for other in case.others],
        },
        "presence": signs_json(signs),
    }


def packet_json(packet: Packet) -> Shape:
    """Without the transcript: the conversation itself goes on."""
    return {
        "asks": list(packet.asks),
        "next_step": packet.next_step,
        "draft": {
            "text": packet.draft.text,
            "citations": [asdict(citation) for citation in packet.draft.citations],
        },
        "unused": [
            {**asdict(passage), "url": passage_url(passage.path, passage.anchor)}
            for passage in packet.unused
        ],
        "similar": [asdict(similar) for similar in packet.similar],
        "summarised_by": packet.summarised_by,
    }


def passage_url(path: str, anchor: str | None) -> str:
    return f"kb/{path}#{anchor}" if anchor else f"kb/{path}"


def case_message_json(message: Message, case: CaseFile) -> Shape:
    channel = case.places[message.conversation].packet.channel
    shape = said_json(message, channel, case.replies, case.feedback, case.tones)
    if message.id in case.wrong:
        shape["wrong"] = True
    if message.conversation != case.conversation.id:
        elsewhere = case.places[message.conversation]
        shape["place"] = elsewhere.label
        shape["customer"] = customer_json(None, elsewhere.packet.requester)
    return shape


def said_json(
    message: Message,
    channel: str,
    replies: Mapping[str, Reply],
    feedback: Mapping[str, Feedback],
    tones: Mapping[str, Tone],
) -> Shape:
    shape: Shape = {
        "id": message.id,
        "author": message.author.value,
        "text": message.text,
        "created_at": moment_json(message.created_at),
        "agent": message.agent,
    }
    if message.agent is not None:  # its own key, without what tells agents apart
        shape["client_message_id"] = (message.client_message_id or "").rpartition(".")[2]
    if message.author is Author.SYSTEM and channel in PUSHED_CHANNELS:
        shape["unsent"] = True  # the customer does not look, and is not told
    if message.id in replies:
        reply = replies[message.id].as_json()
        shape["reply"] = {name: reply[name] for name in ("decision", "citations")}
    if message.id in feedback:
        shape["feedback"] = feedback[message.id].rating.value
    if tone := tones.get(message.id):
        shape["tone"] = {"label": tone.label.value, "reasons": list(tone.reasons)}
    return shape


def event_json(event: TicketEvent, case: CaseFile) -> Shape:
    details = dict(event.details)
    if label := case.labels.get(details.get("into") or details.get("ticket") or ""):
        details["label"] = label
    return {
        "sequence": event.sequence,
        "kind": event.kind.value,
        "actor": event.actor,
        "at": moment_json(event.at),
        "message": event.message,
        "details": details,
    }


def note_json(note: TicketNote) -> Shape:
    return {"id": note.id, "author": note.author, "text": note.text, "at": moment_json(note.at)}


def signs_json(signs: Sequence[Signs]) -> Shape:
    agents = {agent for each in signs for agent in each.agents}
    typing = {author.value for each in signs for author in each.typing}
    return {"agents": sorted(agents), "typing": sorted(typing)}


def arrival_json(event: InboundEvent) -> Shape:
    return {
        "channel": event.channel,
        "key": event.key,
        "kind": event.kind,
        "attempts": event.attempts,
        "error": event.error,
        "received_at": moment_json(event.received_at),
    }


def delivery_json(delivery: Delivery, label: str) -> Shape:
    return {
        "key": delivery.key,
        "recipient": delivery.recipient.value,
        "name": delivery.name,
        "ticket": delivery.ticket,
        "label": label,
        "kind": delivery.kind.value if delivery.kind else None,
        "attempts": delivery.attempts,
        "error": delivery.error,
        "created_at": moment_json(delivery.created_at),
    }
