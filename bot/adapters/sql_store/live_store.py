"""The part of the store that tells how the conversations stand that the bot has."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from bot.adapters.sql_store import rows
from bot.adapters.sql_store.database import Database
from bot.adapters.sql_store.tables import conversations, customers, messages, turns
from bot.domain.conversation import Author, ConversationStatus
from bot.domain.live_conversation import LiveConversation
from bot.domain.understanding import Tone, ToneLabel

# Among so many messages what is going on is looked for: most conversations ended long ago, and
# nothing marks their end.
LATEST = 5_000

_latest = messages.alias("latest")
_LAST = (
    select(func.max(_latest.c.sequence).label("sequence"))
    .where(
        _latest.c.sequence > select(func.max(messages.c.sequence)).scalar_subquery() - LATEST,
        _latest.c.author != Author.SYSTEM,
    )
    .group_by(_latest.c.conversation_id)
    .subquery()
)
LIST_LIVE = (
    select(messages.c.id.label("last_id"), conversations.c.id, conversations.c.customer_id)
    .join(_LAST, _LAST.c.sequence == messages.c.sequence)
    .join(conversations, conversations.c.id == messages.c.conversation_id)
    .where(
        conversations.c.status == ConversationStatus.PENDING,
        messages.c.created_at >= bindparam("since"),
    )
    .order_by(messages.c.created_at.desc(), conversations.c.id)
    .limit(bindparam("most"))
)
LIST_CONVERSATIONS = select(conversations).where(
    conversations.c.id.in_(bindparam("conversations", expanding=True))
)
LIST_MESSAGES = select(messages).where(messages.c.id.in_(bindparam("messages", expanding=True)))
LIST_CUSTOMERS = select(customers).where(customers.c.id.in_(bindparam("customers", expanding=True)))
LIST_TONES = (
    select(messages.c.conversation_id, messages.c.id, turns.c.reply["tone"].label("tone"))
    .join(turns, turns.c.message_id == messages.c.id)
    .where(
        messages.c.conversation_id.in_(bindparam("conversations", expanding=True)),
        turns.c.reply.is_not(None),
    )
    .order_by(messages.c.sequence)
)


class SqlLive:
    _database: Database

    async def with_bot(self, since: datetime, limit: int) -> Sequence[LiveConversation]:
        return await self._database.read(_list_live, since, limit)

    async def tones(self, conversation_ids: Collection[str]) -> Mapping[str, Mapping[str, Tone]]:
        if not conversation_ids:
            return {}
        return await self._database.read(_list_tones, conversation_ids)


def _list_live(connection: Connection, since: datetime, limit: int) -> Sequence[LiveConversation]:
    found = connection.execute(LIST_LIVE, {"since": since, "most": limit}).all()
    asked = {
        "conversations": [row.id for row in found],
        "messages": [row.last_id for row in found],
        "customers": [row.customer_id for row in found if row.customer_id],
    }
    known = {row.id: row for row in connection.execute(LIST_CONVERSATIONS, asked)}
    said = {row.id: rows.to_message(row) for row in connection.execute(LIST_MESSAGES, asked)}
    people = {row.id: rows.to_customer(row) for row in connection.execute(LIST_CUSTOMERS, asked)}
    return [
        LiveConversation(
            rows.to_conversation(known[row.id]), people.get(row.customer_id), said[row.last_id]
        )
        for row in found
    ]


def _list_tones(
    connection: Connection, conversation_ids: Collection[str]
) -> Mapping[str, Mapping[str, Tone]]:
    tones: defaultdict[str, dict[str, Tone]] = defaultdict(dict)
    for row in connection.execute(LIST_TONES, {"conversations": list(conversation_ids)}):
        tone = row.tone
        judged = Tone(ToneLabel(tone["label"]), tone["score"], tuple(tone["reasons"]))
        tones[row.conversation_id][row.id] = judged
    return tones
