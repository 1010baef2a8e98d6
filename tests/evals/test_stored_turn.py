import pytest

from bot.adapters.memory_store import MemoryStore
from bot.domain.conversation import Author, Conversation, Message
from bot.domain.errors import ConfigurationError
from bot.domain.wrong_answer import WrongAnswer
from bot.ports import Store
from evals.stored_turn import case_of, wrong_cases
from tests.fakes import FakeStore, reply_to, trace_of


async def turn(store: Store, conversation: Conversation, text: str) -> tuple[Message, str]:
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


async def test_answers_marked_as_wrong_become_cases_with_what_was_expected() -> None:
    store, conversation = MemoryStore(), Conversation("widget")
    await store.add_conversation(conversation)
    _, named = await turn(store, conversation, "Which plan has it?")
    _, worded = await turn(store, conversation, "And the price?")
    article = "en/billing/plans-and-prices.md, says jane@example.com"
    await store.save_wrong_answer(WrongAnswer(named, "a-1", article))
    await store.save_wrong_answer(WrongAnswer(worded, "a-1", "It is free.", "call 13812345678"))
    first, second = await wrong_cases(store)
    assert first["relevant"] == ["en/billing/plans-and-prices.md"]
    assert first["expected"] == "en/billing/plans-and-prices.md, says [email 1]"
    assert (first["query"], first["kind"]) == ("Which plan has it?", "marked_wrong")
    assert second["relevant"] == []
    assert (second["expected"], second["comment"]) == ("It is free.", "call [phone 1]")
    assert len(second["history"]) == 2
