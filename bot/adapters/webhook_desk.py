"""A desk of one's own: every event of a ticket as a signed webhook, its news as signed ones back.

Exactly one ticket needs the receiver's help: `webhook-id` is the same at every attempt and replay.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from bot.adapters.desk_http import HINT, DeskHttp, encode
from bot.adapters.desk_news_wire import parse_news
from bot.adapters.desk_wording import DeskWording
from bot.adapters.standard_webhooks import WebhookSecret
from bot.domain.conversation import Message, now
from bot.domain.desk_news import DeskNews, Finding, Seal
from bot.domain.errors import BotError
from bot.domain.outbox import Delivery, DeskRefused, DeskUnavailable
from bot.domain.ticket import Ticket, TicketEventKind

NAME = "webhook"
LONGEST_REFERENCE = 200  # characters


class WebhookDesk:
    name = NAME

    def __init__(
        self,
        http: DeskHttp,
        secret: WebhookSecret,
        believed: WebhookSecret,
        wording: DeskWording,
        clock: Callable[[], datetime] = now,
    ) -> None:
        """`secret` signs what is sent, `believed` what comes back."""
        self._http = http
        self._secret = secret
        self._believed = believed
        self._wording = wording
        self._clock = clock

    async def deliver(self, delivery: Delivery, ticket: Ticket, message: Message | None) -> str:
        kind = delivery.kind
        if kind is None:
            raise DeskRefused("the webhook is told of events only")
        known = delivery.reference or ticket.label
        is_opening = kind is TicketEventKind.OPENED
        if not is_opening and not self._wording.is_news(kind, message, NAME):
            return known
        if not self._secret.is_set:
            raise DeskUnavailable(f"desks.webhook.secret is not set; {HINT}")
        event = {
            "type": f"ticket.{kind.value}",
            "timestamp": rfc3339(delivery.created_at),
            "data": self._data(delivery, ticket, message),
        }
        told = await self._send(event_id(delivery.key), event)
        reference = told.get("reference") if isinstance(told, dict) else None
        if isinstance(reference, str) and 0 < len(reference) <= LONGEST_REFERENCE:
            return reference
        return known

    def verify(self, headers: Mapping[str, str], body: bytes) -> Seal:
        return self._believed.verify(headers, body)

    async def read(self, body: bytes) -> DeskNews | None:
        return parse_news(body)

    async def check(self) -> Sequence[Finding]:
        """Sends one event, `firstline.check`, which any receiver has to take."""
        findings = [
            Finding(
                "a secret signs what is sent",
                "" if self._secret.is_set else "set desks.webhook.secret, at both ends",
            ),
            Finding(
                "a secret proves what comes back",
                ""
                if self._believed.is_set
                else "set desks.webhook.inbound_secret, or agents' replies stay there",
            ),
        ]
        if not self._secret.is_set:
            return findings
        at = self._clock()
        event = {"type": "firstline.check", "timestamp": rfc3339(at), "data": {}}
        try:
            await self._send(f"check_{int(at.timestamp())}", event)
        except BotError as error:
            return [*findings, Finding("the receiver takes an event", f"{error}; see its log")]
        return [*findings, Finding("the receiver takes an event")]

    async def _send(self, event: str, data: Mapping[str, Any]) -> Any:
        body = encode(data)
        headers = {
            "Content-Type": "application/json",
            **self._secret.sign(event, self._clock(), body),
        }
        return (await self._http.request("POST", content=body, headers=headers)).data

    def _data(
        self, delivery: Delivery, ticket: Ticket, message: Message | None
    ) -> Mapping[str, Any]:
        data: dict[str, Any] = {
            "key": delivery.key,
            "ticket": ticket.id,
            "number": ticket.label,
            "reference": delivery.reference,
            "conversation": ticket.conversation,
            "state": ticket.state.value,
            "priority": ticket.priority.value,
            "tier": ticket.tier.value,
            "contact": ticket.contact,
        }
        if message is not None:
            data["message"] = {
                "id": message.id,
                "author": message.author.value,
                "text": message.text,
                "at": rfc3339(message.created_at),
            }
        if delivery.kind is TicketEventKind.OPENED:
            due = ticket.first_response_due
            data |= {
                "subject": self._wording.subject(ticket),
                "note": self._wording.note(ticket),
                "packet": ticket.packet.as_json(),
                "first_response_due": rfc3339(due) if due else None,
            }
        return data


def event_id(key: str) -> str:
    """Without the full stops that a signature separates its parts by."""
    return f"evt_{sha256(key.encode()).hexdigest()[:32]}"


def rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
