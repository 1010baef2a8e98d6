"""Statements over the outbox and the inbox's notices."""

from sqlalchemy import Insert, and_, bindparam, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.adapters.sql_store.ticket_tables import inbox_notices, outbox
from bot.domain.outbox import DeliveryState, Recipient
from bot.domain.ticket import TicketEventKind

ADD_DELIVERY = insert(outbox)

_earlier = outbox.alias("earlier")
# A delivery waits for those before it to the same recipient. One that was given up holds nobody
# back, but for the opening: without a ticket a desk has nothing to add to.
_IS_BEHIND = (
    select(_earlier.c.sequence)
    .where(
        # A ticket to a desk, a conversation to its channel: there the bot spoke without a ticket.
        _earlier.c.conversation_id == outbox.c.conversation_id,
        or_(
            outbox.c.recipient == Recipient.CHANNEL,
            _earlier.c.ticket_id == outbox.c.ticket_id,
        ),
        _earlier.c.recipient == outbox.c.recipient,
        _earlier.c.name == outbox.c.name,
        _earlier.c.sequence < outbox.c.sequence,
        or_(
            _earlier.c.state == DeliveryState.PENDING,
            and_(
                _earlier.c.state == DeliveryState.DEAD,
                _earlier.c.kind == TicketEventKind.OPENED,
            ),
        ),
    )
    .exists()
)
_reference = outbox.alias("told")
_REFERENCE = (
    select(_reference.c.reference)
    .where(
        _reference.c.ticket_id == outbox.c.ticket_id,
        _reference.c.recipient == outbox.c.recipient,
        _reference.c.name == outbox.c.name,
        _reference.c.reference.is_not(None),
    )
    .order_by(_reference.c.sequence)
    .limit(1)
    .scalar_subquery()
    .label("told_reference")
)
_IS_DUE = and_(
    outbox.c.state == DeliveryState.PENDING,
    outbox.c.due_at <= bindparam("at"),
    or_(outbox.c.lease_until.is_(None), outbox.c.lease_until <= bindparam("at")),
)

_IS_WANTED = or_(
    and_(
        outbox.c.recipient == Recipient.DESK,
        outbox.c.name.in_(bindparam("desks", expanding=True)),
    ),
    and_(
        outbox.c.recipient == Recipient.CHANNEL,
        outbox.c.name.in_(bindparam("channels", expanding=True)),
    ),
)

LIST_DUE = (
    select(outbox, _REFERENCE)
    .where(_IS_DUE, ~_IS_BEHIND, _IS_WANTED)
    .order_by(outbox.c.sequence)
    .limit(bindparam("most"))
)

LOCK_DUE = LIST_DUE.with_for_update(skip_locked=True, of=outbox)

LEASE = (
    update(outbox)
    .where(outbox.c.sequence.in_(bindparam("sequences", expanding=True)))
    .values(worker=bindparam("leaser"), lease_until=bindparam("until"))
)

END_ATTEMPT = (
    update(outbox)
    .where(
        outbox.c.key == bindparam("delivery"),
        outbox.c.worker == bindparam("leaser"),
        outbox.c.state == DeliveryState.PENDING,
    )
    .values(attempts=outbox.c.attempts + bindparam("more"))
)

LIST_DEAD = (
    select(outbox)
    .where(outbox.c.state == DeliveryState.DEAD)
    .order_by(outbox.c.sequence.desc())
    .limit(bindparam("most"))
)

REPLAY = (
    update(outbox)
    .where(outbox.c.key == bindparam("delivery"), outbox.c.state == DeliveryState.DEAD)
    .values(
        state=DeliveryState.PENDING,
        attempts=0,
        due_at=bindparam("at"),
        worker=None,
        lease_until=None,
    )
)

ADD_NOTICE: dict[str, Insert] = {
    "sqlite": sqlite.insert(inbox_notices).on_conflict_do_nothing(index_elements=["key"]),
    "postgresql": postgresql.insert(inbox_notices).on_conflict_do_nothing(index_elements=["key"]),
}

LIST_NOTICES = (
    select(inbox_notices)
    .where(inbox_notices.c.sequence > bindparam("after"))
    .order_by(inbox_notices.c.sequence)
    .limit(bindparam("most"))
)
