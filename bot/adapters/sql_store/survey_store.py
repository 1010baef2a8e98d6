"""The part of the store that keeps what customers answered after a ticket."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    Row,
    Select,
    Text,
    bindparam,
    func,
    select,
    update,
)

from bot.adapters.sql_store.database import Database
from bot.adapters.sql_store.statements import adding
from bot.adapters.sql_store.ticket_tables import surveys
from bot.adapters.storable_text import check_storable
from bot.domain.survey import Survey, SurveyAnswer

ADD_SURVEY = adding(surveys)
ANSWER_SURVEY = (
    update(surveys)
    .where(
        surveys.c.conversation_id == bindparam("conversation"),
        surveys.c.escalation == bindparam("number"),
        surveys.c.closed_at.is_(None),
    )
    .values(
        csat=func.coalesce(bindparam("csat_now", type_=Integer), surveys.c.csat),
        nps=func.coalesce(bindparam("nps_now", type_=Integer), surveys.c.nps),
        comment=func.coalesce(bindparam("comment_now", type_=Text), surveys.c.comment),
        closed_at=bindparam("closed"),
    )
)
FIND_SURVEY = select(surveys).where(
    surveys.c.conversation_id == bindparam("conversation"),
    surveys.c.escalation == bindparam("escalation"),
)
LIST_OF_CONVERSATION = (
    select(surveys)
    .where(surveys.c.conversation_id == bindparam("conversation"))
    .order_by(surveys.c.escalation)
)
LIST_BY_CUSTOMER = (
    select(surveys)
    .where(surveys.c.customer_id == bindparam("customer"))
    .order_by(surveys.c.asked_at)
)


class SqlSurveys:
    _database: Database

    async def survey(self, conversation_id: str, escalation: int) -> Survey | None:
        values = {"conversation": conversation_id, "escalation": escalation}
        found = await self._database.read(_list, FIND_SURVEY, values)
        return found[0] if found else None

    async def add_survey(self, survey: Survey) -> None:
        check_storable(survey.comment)
        await self._database.write(_add, survey)

    async def answer_survey(
        self, conversation_id: str, escalation: int, answer: SurveyAnswer
    ) -> bool:
        check_storable(answer.comment)
        return await self._database.write(_answer, conversation_id, escalation, answer)

    async def surveys_of(self, conversation_id: str) -> Sequence[Survey]:
        values = {"conversation": conversation_id}
        return await self._database.read(_list, LIST_OF_CONVERSATION, values)

    async def surveys_by(self, customer_id: str) -> Sequence[Survey]:
        return await self._database.read(_list, LIST_BY_CUSTOMER, {"customer": customer_id})


def _list(
    connection: Connection, statement: Select[Any], values: dict[str, Any]
) -> Sequence[Survey]:
    return [_survey(row) for row in connection.execute(statement, values)]


def _add(connection: Connection, survey: Survey) -> None:
    values = {
        "conversation_id": survey.conversation,
        "escalation": survey.escalation,
        "ticket_id": survey.ticket,
        "customer_id": survey.customer,
        "csat": survey.csat,
        "nps": survey.nps,
        "comment": survey.comment,
        "asked_at": survey.asked_at,
        "closed_at": survey.closed_at,
    }
    connection.execute(ADD_SURVEY[connection.dialect.name], values)


def _answer(
    connection: Connection, conversation_id: str, escalation: int, answer: SurveyAnswer
) -> bool:
    values = {
        "conversation": conversation_id,
        "number": escalation,
        "csat_now": answer.csat,
        "nps_now": answer.nps,
        "comment_now": answer.comment,
        "closed": answer.closed_at,
    }
    return connection.execute(ANSWER_SURVEY, values).rowcount == 1


def _survey(row: Row[Any]) -> Survey:
    return Survey(
        conversation=row.conversation_id,
        escalation=row.escalation,
        ticket=row.ticket_id,
        customer=row.customer_id,
        csat=row.csat,
        nps=row.nps,
        comment=row.comment,
        asked_at=row.asked_at,
        closed_at=row.closed_at,
    )
