"""What the routes give of conversations that the bot has."""

from collections.abc import Sequence
from typing import Any

from bot.channels.inbox.casework_shapes import customer_json, said_json, tone_course_json
from bot.channels.inbox.moments import moment_json
from bot.domain.conversation import Conversation
from bot.domain.customer import Customer, Tier
from bot.domain.packet import Requester
from bot.services.live_conversations import LiveRow, Overheard

Shape = dict[str, Any]


def live_json(rows: Sequence[LiveRow]) -> Shape:
    return {"conversations": [live_row_json(row) for row in rows]}


def live_row_json(row: LiveRow) -> Shape:
    live = row.live
    return {
        **about_json(live.conversation, live.customer),
        "tone": tone_course_json(row.course),
        "last_author": live.last.author.value,
        "last_text": live.last.text,
        "last_message_at": moment_json(live.last.created_at),
    }


def about_json(conversation: Conversation, customer: Customer | None) -> Shape:
    return {
        "id": conversation.id,
        "channel": conversation.channel,
        "locale": conversation.locale.value if conversation.locale else None,
        "page": conversation.page,
        "began_at": moment_json(conversation.created_at),
        "status": conversation.status.value,
        "customer": customer_json(customer, Requester.of(None, conversation.address)),
        "tier": (customer.tier if customer else Tier.BASIC).value,
    }


def overheard_json(heard: Overheard) -> Shape:
    tones = heard.tones
    return {
        **about_json(heard.conversation, heard.customer),
        "tone": tone_course_json([tones[m.id] for m in heard.messages if m.id in tones]),
        "messages": [
            said_json(message, heard.conversation.channel, heard.replies, heard.feedback, tones)
            for message in heard.messages
        ],
        "ticket": heard.ticket.id if heard.ticket else None,
        "open_to_agents": heard.open_to_agents,
    }
