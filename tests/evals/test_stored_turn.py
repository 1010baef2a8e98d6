import pytest

from bot.domain.conversation import Author, Conversation, Message
from bot.domain.errors import ConfigurationError
from evals.stored_turn import case_of
from tests.fakes import FakeStore, reply_to, trace_of


async def turn(store: FakeStore, conversation: Conversation, text: str) -> tuple[Message, str]:
    message = Message(conversation.id, Author.CUSTOMER, text)
    await store.accept(message)
    await store.claim(message.id, "w", message.created_at.replace(year=2999))
    reply = reply_to(message, f"Answer to {text} [1]")
    await store.finish(message.id, "w", reply, trace_of(message))
    assert reply.message is not None
    return message, reply.message


async def test_a_turn_becomes_a_case_without_the_person() -> None:
    store, conversation = FakeStore(), Conversation("widget")
    await store.add_conversation(conversation)
    await turn(store, conversation, "I am Jane Doe, jane@example.com")
    question, answer = await turn(store, conversation, "did Jane Doe (jane@example.com) join?")
    await turn(store, conversation, "later")
    case = await case_of(store, question.id)
    assert case["query"] == "did [name 1] ([email 1]) join?"
    assert case["history"] == [
        {"role": "user", "text": "I am [name 1], [email 1]"},
        {"role": "bot", "text": "Answer to I am [name 1], [email 1] [1]"},
    ]
    assert case["relevant"] == ["en/administration/teams.md"]
    assert (case["answerable"], case["decision"], case["locale"]) == (True, "answer", "en")
    assert await case_of(store, answer) == case


async def test_a_message_that_is_unknown_or_has_no_reply_is_refused() -> None:
    store, conversation = FakeStore(), Conversation("widget")
    await store.add_conversation(conversation)
    with pytest.raises(ConfigurationError, match="no message nothing"):
        await case_of(store, "nothing")
    open_question = Message(conversation.id, Author.CUSTOMER, "hello?")
    await store.accept(open_question)
    with pytest.raises(ConfigurationError, match="no reply"):
        await case_of(store, open_question.id)
