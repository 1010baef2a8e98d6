"""The part of the store that keeps what agents marked as wrong."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, ForeignKey, Row, String, Table, Text, bindparam, select

from bot.adapters.sql_store.database import Database
from bot.adapters.sql_store.statements import saving
from bot.adapters.sql_store.tables import UtcDateTime, metadata
from bot.adapters.storable_text import check_storable
from bot.domain.wrong_answer import WrongAnswer

wrong_answers = Table(
    "wrong_answers",
    metadata,
    Column("message_id", ForeignKey("messages.id"), primary_key=True),
    Column("agent_id", String, nullable=False),
    Column("expected", Text),
    Column("comment", Text),
    Column("created_at", UtcDateTime, nullable=False),
)

SAVE = saving(wrong_answers)
LIST_ALL = select(wrong_answers).order_by(wrong_answers.c.created_at, wrong_answers.c.message_id)
LIST_SOME = LIST_ALL.where(wrong_answers.c.message_id.in_(bindparam("messages", expanding=True)))


class SqlWrongAnswers:
    _database: Database

    async def save_wrong_answer(self, wrong: WrongAnswer) -> None:
        check_storable(wrong.message, wrong.expected, wrong.comment)
        await self._database.write(_save, wrong)

    async def wrong_answers(
        self, message_ids: Sequence[str] | None = None
    ) -> Mapping[str, WrongAnswer]:
        return await self._database.read(_list, message_ids)


def _save(connection: Connection, wrong: WrongAnswer) -> None:
    connection.execute(
        SAVE[connection.dialect.name],
        {
            "message_id": wrong.message,
            "agent_id": wrong.agent,
            "expected": wrong.expected,
            "comment": wrong.comment,
            "created_at": wrong.created_at,
        },
    )


def _list(connection: Connection, message_ids: Sequence[str] | None) -> Mapping[str, WrongAnswer]:
    if message_ids is None:
        found = connection.execute(LIST_ALL)
    else:
        found = connection.execute(LIST_SOME, {"messages": list(message_ids)})
    return {row.message_id: _to_wrong_answer(row) for row in found}


def _to_wrong_answer(row: Row[Any]) -> WrongAnswer:
    return WrongAnswer(row.message_id, row.agent_id, row.expected, row.comment, row.created_at)
