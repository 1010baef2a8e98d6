"""What Zendesk tells of its tickets: by its webhook, or when it is asked."""

import hmac
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from bot.adapters.desk_news_wire import parse_object
from bot.adapters.zendesk_tickets import Person, Remark, ZendeskTicket, ZendeskTickets, current
from bot.domain.conversation import now
from bot.domain.desk_news import (
    DeskNews,
    DeskPage,
    DeskReply,
    DeskStatus,
    EventRefused,
    Seal,
)
from bot.domain.text import replace_unstorable

NAME = "zendesk"
SIGNATURE = "x-zendesk-webhook-signature"
TIMESTAMP = "x-zendesk-webhook-signature-timestamp"
TOLERANCE = timedelta(minutes=5)


class ZendeskNews:
    name = NAME

    def __init__(
        self, tickets: ZendeskTickets, secret: str, clock: Callable[[], datetime] = now
    ) -> None:
        """`secret`: of Zendesk's webhook; without one Zendesk is asked."""
        self._tickets = tickets
        self._secret = secret.encode()
        self._clock = clock

    @property
    def tells(self) -> bool:
        return bool(self._secret)

    def verify(self, headers: Mapping[str, str], body: bytes) -> Seal:
        if not self._secret:
            raise EventRefused("no secret is set for it")
        stamp, signature = headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, "")
        made = hmac.digest(self._secret, stamp.encode("utf-8", "replace") + body, sha256)
        if not hmac.compare_digest(b64encode(made), signature.encode("utf-8", "replace")):
            raise EventRefused("the signature is not Zendesk's")
        if abs(self._clock() - _moment(stamp)) > TOLERANCE:
            raise EventRefused("it is too old or too new")
        proof = sha256(signature.encode()).hexdigest()
        return Seal(proof, proof)

    async def read(self, body: bytes) -> DeskNews | None:
        """The webhook says only which ticket it is; what became of it is looked up there."""
        event = parse_object(body)
        detail = event.get("detail")
        number = detail.get("id") if isinstance(detail, dict) else event.get("ticket")
        return await self.news(str(number))

    async def changed(self, place: str | None) -> DeskPage:
        return await self._tickets.changed(place, self._clock())

    async def news(self, reference: str) -> DeskNews | None:
        ticket = await self._tickets.find(reference)
        if ticket is None or not ticket.external_id:
            return None
        replies: list[DeskReply] = []
        people: dict[int, Person] = {}
        async for audit in self._tickets.audits(ticket):
            for remark in () if audit.mark else audit.remarks:
                if remark.author not in people:
                    people[remark.author] = await self._tickets.person(remark.author)
                author = people[remark.author]
                if author.is_agent and (remark.text.strip() or remark.files):
                    replies.append(_reply(remark, author))
        # One that is open there may be so only because it could not be solved from here.
        status = DeskStatus.DONE if await self._is_over(ticket) else None
        return DeskNews(ticket.external_id, tuple(replies), status, is_looked_up=True)

    async def _is_over(self, ticket: ZendeskTicket) -> bool:
        """A closed one says nothing once another ticket follows it up."""
        if not ticket.is_closed:
            return ticket.is_over
        latest = current(await self._tickets.find_external(ticket.external_id or ""))
        return latest is None or latest.id == ticket.id


def _reply(remark: Remark, author: Person) -> DeskReply:
    name, text = map(replace_unstorable, (author.name, remark.text.strip()))
    return DeskReply(str(remark.id), name, text, tuple(map(replace_unstorable, remark.files)))


def _moment(stamp: str) -> datetime:
    """Raises EventRefused."""
    try:
        moment = datetime.fromisoformat(stamp)
    except ValueError as error:
        raise EventRefused("it is too old or too new") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
