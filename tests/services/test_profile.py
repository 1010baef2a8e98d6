from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.domain.conversation import Conversation, Locale
from bot.domain.customer import Customer, Tier
from bot.domain.packet import Packet, Requester
from bot.domain.reply import HandoffReason
from bot.domain.ticket import Ticket, TicketState
from bot.domain.ticket_queue import QueuedTicket, QueueFilter
from bot.services.profile import LABEL_CHARACTERS, MOST_LABELS, Profiles

ADA = Customer("c1", "Ada", "ada@example.com", "Example Ltd", Tier.ENTERPRISE)
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Given:
    ticket: str | None
    csat: int | None = None
    nps: int | None = None
    comment: str | None = None


@dataclass
class Source:
    rows: Sequence[QueuedTicket] = ()
    past: Sequence[Conversation] = ()
    given: Sequence[Given] = ()
    kept: dict[str, Sequence[str]] = field(default_factory=dict)
    asked: list[QueueFilter] = field(default_factory=list)

    async def customer(self, customer_id: str) -> Customer | None:
        return ADA if customer_id == ADA.id else None

    async def queue(self, asked: QueueFilter) -> Sequence[QueuedTicket]:
        self.asked.append(asked)
        return self.rows

    async def conversations_of(self, customer_id: str, limit: int) -> Sequence[Conversation]:
        return self.past[:limit]

    async def surveys_by(self, customer_id: str) -> Sequence[Given]:
        return self.given

    async def labels(self, customer_id: str) -> Sequence[str]:
        return self.kept.get(customer_id, ())

    async def save_labels(self, customer_id: str, labels: Sequence[str]) -> None:
        self.kept[customer_id] = labels


def row(number: int, conversation: str) -> QueuedTicket:
    packet = Packet(Requester(), Locale.EN, "widget", HandoffReason.FRUSTRATED, f"Summary {number}")
    ticket = Ticket(
        number=number,
        conversation=conversation,
        escalation=1,
        reason=HandoffReason.FRUSTRATED,
        packet=packet,
        state=TicketState.RESOLVED,
        id=f"t{number}",
        opened_at=MONDAY + timedelta(days=number),
    )
    return QueuedTicket(ticket, ADA, (), MONDAY)


async def test_a_profile_tells_what_a_customer_came_with_and_thought_of_it() -> None:
    source = Source(
        rows=[row(1, "x"), row(2, "y")],
        past=[Conversation("widget", id="y"), Conversation("slack", id="z")],
        given=[
            Given("t1", csat=2, nps=3, comment="slow"),
            Given("t2", csat=5),
            Given(None, csat=1),
        ],
    )
    profile = await Profiles(source).profile("c1")
    assert profile is not None
    assert (profile.tier, profile.organisation) == (Tier.ENTERPRISE, "Example Ltd")
    assert [ticket.label for ticket in profile.tickets] == ["T-2", "T-1"]
    assert profile.tickets[1].comment == "slow"
    assert (profile.csat, profile.nps) == (3.5, 3)
    assert [(past.id, past.tickets) for past in profile.conversations] == [("y", 1), ("z", 0)]
    assert source.asked[0].states == frozenset(TicketState)
    assert source.asked[0].customer == "c1"


async def test_what_came_before_a_conversation_leaves_it_out() -> None:
    source = Source(rows=[row(1, "x")], past=[Conversation("widget", id="x")])
    profile = await Profiles(source).profile("c1")
    assert profile is not None
    before = profile.without("x")
    assert (before.tickets, before.conversations, before.csat) == ((), (), None)
    assert before == replace(profile, tickets=(), conversations=())


async def test_nobody_vouched_for_has_none() -> None:
    assert await Profiles(Source()).profile("nobody") is None


async def test_labels_are_kept_short_and_once() -> None:
    source = Source()
    given = [" beta  tester ", "beta tester", "", "v" * 99, *map(str, range(50))]
    labels = await Profiles(source).label("c1", given)
    assert labels[:2] == ("beta tester", "v" * LABEL_CHARACTERS)
    assert len(labels) == MOST_LABELS
    profile = await Profiles(source).profile("c1")
    assert profile is not None
    assert profile.labels == labels
