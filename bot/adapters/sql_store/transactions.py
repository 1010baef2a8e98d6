"""What the store does: each function is the work of one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from bot.adapters.sql_store import rows, statements, ticket_statements, ticket_transactions
from bot.domain.conversation import Author, Conversation, ConversationStatus, Message
from bot.domain.customer import Customer
from bot.domain.errors import StoreError
from bot.domain.feedback import Feedback
from bot.domain.outbox import PUSHED_CHANNELS, channel_delivery
from bot.domain.reply import DecisionKind, Reply
from bot.ports import Escalation, Turn, TurnTrace


def add_conversation(connection: Connection, conversation: Conversation) -> None:
    connection.execute(statements.ADD_CONVERSATION, rows.from_conversation(conversation))


def find_conversation(connection: Connection, conversation_id: str) -> Conversation | None:
    found = connection.execute(statements.FIND_CONVERSATION, {"conversation": conversation_id})
    row = found.first()
    return rows.to_conversation(row) if row else None


def save_customer(connection: Connection, customer: Customer) -> None:
    statement = statements.SAVE_CUSTOMER[connection.dialect.name]
    connection.execute(statement, rows.from_customer(customer))


def find_customer(connection: Connection, customer_id: str) -> Customer | None:
    row = connection.execute(statements.FIND_CUSTOMER, {"customer": customer_id}).first()
    return rows.to_customer(row) if row else None


def identify(
    connection: Connection,
    conversation: Conversation,
    customer: Customer,
    token_digest: str,
    at: datetime,
) -> bool:
    values = {"conversation": conversation.id, "customer": customer.id}
    former = {"former_digest": conversation.token_digest}
    found = connection.execute(statements.LOCK_IDENTIFIABLE, values | former).first()
    if found is None:
        return False
    save_customer(connection, customer)
    connection.execute(statements.IDENTIFY_CONVERSATION, values | {"new_digest": token_digest})
    ticket_transactions.know_customer(connection, conversation.id, customer, found.channel, at)
    return True


def list_messages(
    connection: Connection, conversation_id: str, after: str | None
) -> Sequence[Message]:
    if after is None:
        statement, values = statements.LIST_MESSAGES, {"conversation": conversation_id}
    else:
        statement = statements.LIST_MESSAGES_AFTER
        values = {"conversation": conversation_id, "after": after}
    return [rows.to_message(row) for row in connection.execute(statement, values)]


def list_replies(connection: Connection, message_ids: Sequence[str]) -> Mapping[str, Reply]:
    found = connection.execute(statements.LIST_REPLIES, {"messages": list(message_ids)})
    return {row.id: Reply.from_json(row.reply) for row in found}


def find_message(connection: Connection, message_id: str) -> Message | None:
    row = connection.execute(statements.FIND_MESSAGE, {"message": message_id}).first()
    return rows.to_message(row) if row else None


def save_feedback(connection: Connection, feedback: Feedback) -> None:
    statement = statements.SAVE_FEEDBACK[connection.dialect.name]
    connection.execute(statement, rows.from_feedback(feedback))


def list_feedback(connection: Connection, message_ids: Sequence[str]) -> Mapping[str, Feedback]:
    found = connection.execute(statements.LIST_FEEDBACK, {"messages": list(message_ids)})
    return {row.message_id: rows.to_feedback(row) for row in found}


def accept(connection: Connection, message: Message, closes: bool) -> Turn:
    values = {"conversation": message.conversation}
    found = connection.execute(statements.LOCK_CONVERSATION, values).first()
    if found is None:
        raise StoreError(f"there is no conversation {message.conversation}")
    known = _known_turn(connection, message)
    if known is not None:
        return known
    connection.execute(statements.ADD_MESSAGE, rows.from_message(message))
    connection.execute(statements.ADD_TURN, {"message_id": message.id})
    if ConversationStatus(found.status).is_with_person:
        ticket_transactions.hear_customer(connection, message, found.channel, closes=closes)
    elif found.status == ConversationStatus.RESOLVED:  # a new topic, which the bot has
        pending = {"status_now": ConversationStatus.PENDING}
        connection.execute(ticket_statements.SET_STATUS, values | pending)
    return Turn(message)


def find_turn(connection: Connection, message_id: str) -> Turn | None:
    row = connection.execute(statements.FIND_TURN, {"message": message_id}).first()
    return rows.to_turn(row) if row else None


def claim(
    connection: Connection, message_id: str, worker: str, until: datetime, at: datetime
) -> bool:
    values = {"message": message_id, "claimant": worker, "until": until, "at": at}
    return connection.execute(statements.CLAIM_TURN, values).rowcount == 1


def finish(
    connection: Connection,
    message_id: str,
    worker: str,
    reply: Reply,
    trace: TurnTrace,
    at: datetime,
    escalation: Escalation | None,
) -> Reply | None:
    found = connection.execute(
        statements.LOCK_CONVERSATION_OF_TURN, {"message": message_id}
    ).first()
    if found is None:
        return None
    is_with_person = ConversationStatus(found.status).is_with_person
    if reply.decision is DecisionKind.SILENT and not is_with_person:
        return None
    if is_with_person or (escalation and ticket_transactions.is_known(connection, escalation)):
        reply, escalation = reply.silenced(), None
        trace = replace(trace, decision=reply.decision.value)
    values = {
        "message": message_id,
        "claimant": worker,
        "finished_at": at,
        "reply": reply.as_json(),
        "trace": rows.from_trace(trace),
    }
    if connection.execute(statements.FINISH_TURN, values).rowcount != 1:
        return None
    if found.id != reply.conversation:
        raise StoreError("a reply is stored in the conversation of its question")
    if reply.decision is not DecisionKind.SILENT:
        _add_bot_message(connection, message_id, reply, at, found.channel)
    if escalation is not None:
        ticket_transactions.escalate(connection, escalation, found.channel)
    elif is_with_person:
        _tell_ticket(connection, message_id, found.channel)
    return reply


def _tell_ticket(connection: Connection, message_id: str, channel: str) -> None:
    """Of a message that came before the ticket and to which the bot now says nothing."""
    message = find_message(connection, message_id)
    if message is not None:
        ticket_transactions.hear_customer(connection, message, channel)


def list_unfinished(connection: Connection, at: datetime) -> Sequence[Message]:
    return [
        rows.to_message(row) for row in connection.execute(statements.LIST_UNFINISHED, {"at": at})
    ]


def touch(connection: Connection, at: datetime) -> None:
    """Only a committed row shows a full disk or a read-only file system."""
    if connection.execute(statements.TOUCH, {"written_at": at}).rowcount != 1:
        raise StoreError("the table write_probe is empty; restore a backup of the database")


def _known_turn(connection: Connection, message: Message) -> Turn | None:
    if message.client_message_id is None:
        return None
    values = {"conversation": message.conversation, "client_message": message.client_message_id}
    row = connection.execute(statements.FIND_TURN_BY_CLIENT_ID, values).first()
    return rows.to_turn(row) if row else None


def _add_bot_message(
    connection: Connection, question_id: str, reply: Reply, created_at: datetime, channel: str
) -> None:
    if reply.message is None or reply.conversation is None:
        raise StoreError("a reply is stored with an id of its own")
    message = Message(
        conversation=reply.conversation,
        author=Author.BOT,
        text=reply.text,
        id=reply.message,
        created_at=created_at,
        outcome=reply.outcome,
    )
    values = rows.from_message(message) | {"reply_to": question_id}
    connection.execute(statements.ADD_MESSAGE, values)
    if channel in PUSHED_CHANNELS:
        ticket_transactions.add_delivery(connection, channel_delivery(None, channel, message))
