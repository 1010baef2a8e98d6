from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.bootstrap import build
from bot.domain.conversation import (
    Author,
    Conversation,
    ConversationStatus,
    Locale,
    Message,
    Outcome,
)
from bot.domain.errors import KnowledgeBaseUnavailable, ModelUnavailable
from bot.domain.knowledge import ArticlePage, Block, Evidence, Passage, Sentence
from bot.domain.policy import Comfort
from bot.domain.reply import AbstainReason, Abstention, DecisionKind, Delta, Handoff, Reply
from bot.domain.understanding import ToneLabel
from bot.ports import Escalation, IndexStatus, Query, TurnTrace
from bot.settings import Settings, Support


def passage(text: str, locale: Locale = Locale.EN, path: str = "en/boards.md") -> Passage:
    return Passage(
        path=path,
        ordinal=0,
        anchor="limits",
        title="Boards",
        heading_path=("Limits",),
        locale=locale,
        line=1,
        score=0.9,
        blocks=(Block("paragraph", text, (Sentence(text, 0.8),)),),
    )


class ObservedStore(MemoryStore):
    """Keeps the traces of its turns."""

    def __init__(self) -> None:
        super().__init__()
        self.traces: dict[str, TurnTrace] = {}

    async def finish(
        self,
        message_id: str,
        worker: str,
        reply: Reply,
        trace: TurnTrace,
        escalation: Escalation | None = None,
    ) -> Reply | None:
        self.traces[message_id] = trace
        return await super().finish(message_id, worker, reply, trace, escalation)


class ScriptedRetriever:
    """Always finds the same; remembers what it was asked."""

    def __init__(self, *passages: Passage, answerability: float = 0.9) -> None:
        self.evidence = Evidence(passages, answerability, "snapshot-1")
        self.queries: list[Query] = []
        self.broken = False

    async def search(self, query: Query) -> Evidence:
        self.queries.append(query)
        if self.broken:
            raise KnowledgeBaseUnavailable("no index")
        return self.evidence

    async def article(self, path: str) -> ArticlePage | None:
        return None

    async def refresh(self) -> IndexStatus:
        return self.status()

    async def watch(self) -> None:
        return None

    def status(self) -> IndexStatus:
        return IndexStatus("snapshot-1")


COLUMNS = "A board holds 24 columns."


class Talk:
    """One conversation with a whole bot around a scripted retriever."""

    def __init__(self, retriever: ScriptedRetriever, **settings: object) -> None:
        self.retriever = retriever
        self.store = MemoryStore()
        self.bot = build(
            Settings(**settings),
            store=self.store,
            retriever=retriever,
            clock=lambda: datetime(2026, 11, 20, tzinfo=UTC),
        )
        self.conversation = Conversation("test")

    async def start(self, **values: object) -> "Talk":
        self.conversation = Conversation("test", **values)  # type: ignore[arg-type]
        await self.store.add_conversation(self.conversation)
        return self

    async def say(self, text: str) -> Reply:
        message = Message(self.conversation.id, Author.CUSTOMER, text)
        return await (await self.bot.turns.submit(message)).result()


async def talk(
    *passages: Passage, answerability: float = 0.9, settings: dict[str, object] | None = None
) -> Talk:
    retriever = ScriptedRetriever(*passages, answerability=answerability)
    return await Talk(retriever, **(settings or {})).start()


async def test_a_question_is_answered_with_a_citation() -> None:
    reply = await (await talk(passage(COLUMNS))).say("How many columns can a board have?")
    assert reply.decision is DecisionKind.ANSWER
    assert reply.text == f"{COLUMNS} [1]"
    assert [c.path for c in reply.citations] == ["en/boards.md"]
    assert reply.snapshot == "snapshot-1"


async def test_the_pieces_joined_are_the_text() -> None:
    talking = await talk(passage(COLUMNS))
    message = Message(talking.conversation.id, Author.CUSTOMER, "How many columns?")
    running = await talking.bot.turns.submit(message)
    events = [event.value async for event in running.events()]
    reply = events[-1]
    assert isinstance(reply, Reply)
    assert "".join(event.text for event in events if isinstance(event, Delta)) == reply.text


async def test_the_turn_is_stored_with_its_outcome() -> None:
    talking = await talk(passage(COLUMNS))
    reply = await talking.say("How many columns?")
    question, stored = await talking.store.messages(talking.conversation.id)
    assert (question.author, stored.author) == (Author.CUSTOMER, Author.BOT)
    assert (stored.id, stored.text, stored.outcome) == (
        reply.message,
        reply.text,
        Outcome.ANSWERED,
    )


@pytest.mark.parametrize(
    ("answerability", "reason"),
    [(0.3, AbstainReason.WEAK_SOURCE), (0.05, AbstainReason.NO_SOURCE)],
)
async def test_what_it_does_not_know_it_says(answerability: float, reason: AbstainReason) -> None:
    talking = await talk(passage(COLUMNS), answerability=answerability)
    reply = await talking.say("Can a board play music?")
    assert isinstance(reply.act, Abstention)
    assert reply.act.reason is reason
    assert COLUMNS not in reply.text


async def test_a_weak_source_is_named_as_reading() -> None:
    talking = await talk(passage(COLUMNS), answerability=0.3)
    reply = await talking.say("Can a board play music?")
    assert "Boards [1]" in reply.text
    assert reply.suggestions == ("Boards",)


async def test_small_talk_looks_nothing_up() -> None:
    talking = await talk(passage(COLUMNS))
    for text in ("hi", "谢谢！", "你是机器人吗", "bye"):
        assert (await talking.say(text)).decision is DecisionKind.SMALLTALK
    assert talking.retriever.queries == []


@pytest.mark.parametrize("text", ["I want to talk to a person", "转人工"])
async def test_a_request_for_a_person_promises_nobody(text: str) -> None:
    talking = await talk(passage(COLUMNS))
    reply = await talking.say(text)
    assert isinstance(reply.act, Handoff)
    assert (reply.act.ticket, reply.act.number, reply.act.first_response_due) == (None, None, None)
    assert reply.wants_human
    conversation = await talking.store.conversation(talking.conversation.id)
    assert conversation is not None
    assert conversation.status is ConversationStatus.PENDING
    assert (await talking.say("How many columns?")).decision is DecisionKind.ANSWER


async def test_the_configured_contact_is_shown() -> None:
    settings: dict[str, object] = {"support": Support(contact="help@example.com")}
    reply = await (await talk(settings=settings)).say("give me a human please")
    assert "help@example.com" in reply.text


@pytest.mark.parametrize("status", [ConversationStatus.OPEN, ConversationStatus.SNOOZED])
async def test_the_bot_is_mute_while_a_person_has_it(status: ConversationStatus) -> None:
    talking = await Talk(ScriptedRetriever(passage(COLUMNS))).start(status=status)
    reply = await talking.say("How many columns?")
    assert (reply.decision, reply.text) == (DecisionKind.SILENT, "")
    messages = await talking.store.messages(talking.conversation.id)
    assert [message.author for message in messages] == [Author.CUSTOMER]
    assert talking.retriever.queries == []


async def test_a_follow_up_is_looked_up_with_what_it_leans_on() -> None:
    talking = await talk(passage(COLUMNS))
    await talking.say("How do I delete a board?")
    await talking.say("and for guests?")
    query = talking.retriever.queries[-1]
    assert "delete a board" in query.text
    assert "guests" in query.text
    assert query.own_text == "and for guests?"
    assert query.background.startswith("How do I delete a board? ; ")
    assert query.reliance > 0.5


async def test_a_new_topic_is_looked_up_alone() -> None:
    talking = await talk(passage(COLUMNS))
    await talking.say("How do I delete a board?")
    await talking.say("Where can I download the invoices of last year?")
    assert "board" not in talking.retriever.queries[-1].text


async def test_a_source_of_the_other_language_is_introduced() -> None:
    reply = await (await talk(passage(COLUMNS))).say("看板最多有多少列？")
    assert reply.locale is Locale.ZH
    introduction, quoted = reply.text.split("\n\n", 1)
    assert "Boards" in introduction
    assert "英文" in introduction
    assert quoted == f"{COLUMNS} [1]"


async def test_a_third_language_is_answered_in_the_default_one_and_told_so() -> None:
    talking = await talk(passage(COLUMNS))
    reply = await talking.say("ボードには列がいくつありますか？")
    assert reply.locale is Locale.EN
    assert COLUMNS in reply.text
    assert reply.text.startswith("I can answer in English or Chinese")


async def test_without_a_knowledge_base_it_apologises_and_helps() -> None:
    settings: dict[str, object] = {"support": Support(contact="help@example.com")}
    talking = await talk(settings=settings)
    talking.retriever.broken = True
    reply = await talking.say("How many columns?")
    assert reply.decision is DecisionKind.ABSTAIN
    assert "help@example.com" in reply.text


async def test_only_public_articles_are_asked_for() -> None:
    talking = await talk(passage(COLUMNS))
    await talking.say("How many columns?")
    assert talking.retriever.queries[0].audience == frozenset({"public"})


async def test_internal_articles_are_asked_for_where_they_may_be_read() -> None:
    talking = await Talk(ScriptedRetriever(passage(COLUMNS))).start(internal=True)
    await talking.say("How many columns?")
    assert talking.retriever.queries[0].audience == frozenset({"public", "internal"})


async def test_messages_of_one_conversation_are_answered_in_order() -> None:
    talking = await talk(passage(COLUMNS))
    sent = [
        await talking.bot.turns.submit(
            Message(talking.conversation.id, Author.CUSTOMER, f"How many columns {n}?")
        )
        for n in range(5)
    ]
    for running in sent:
        await running.result()
    replies = [m for m in await talking.store.messages(talking.conversation.id) if m.outcome]
    assert len(replies) == 5
    asked = dict.fromkeys(query.text for query in talking.retriever.queries)
    assert [*asked] == [f"How many columns {n}?" for n in range(5)]


class ScriptedChat:
    """Says one thing, or fails."""

    name = "scripted"

    def __init__(self, text: str, *, broken: bool = False) -> None:
        self._text = text
        self._broken = broken
        self.prompts: list[str] = []

    async def stream(self, system: str, user: str) -> AsyncIterator[str]:
        self.prompts.append(user)
        if self._broken:
            raise ModelUnavailable("refused")
        yield self._text


async def written(chat: ScriptedChat, question: str = "How many columns?") -> Reply:
    retriever = ScriptedRetriever(passage(COLUMNS))
    bot = build(Settings(), retriever=retriever, chat=chat)
    conversation = Conversation("test")
    await bot.store.add_conversation(conversation)
    message = Message(conversation.id, Author.CUSTOMER, question)
    return await (await bot.turns.submit(message)).result()


async def test_a_grounded_text_of_the_chat_model_is_the_answer() -> None:
    chat = ScriptedChat("You can have up to 24 columns on a board [1].")
    reply = await written(chat)
    assert reply.text == "You can have up to 24 columns on a board [1]."
    assert reply.citations[0].path == "en/boards.md"
    assert COLUMNS in chat.prompts[0]


@pytest.mark.parametrize(
    "chat",
    [
        ScriptedChat("You can have 99 columns [1]."),
        ScriptedChat("NO_ANSWER"),
        ScriptedChat(""),
        ScriptedChat("Boards are nice."),
        ScriptedChat("", broken=True),
    ],
)
async def test_otherwise_the_extractive_answer_stands(chat: ScriptedChat) -> None:
    assert (await written(chat)).text == f"{COLUMNS} [1]"


async def test_the_trace_says_who_made_a_follow_up_stand_alone() -> None:
    store = ObservedStore()
    chat = ScriptedChat("How many columns can a board have on mobile?")
    retriever = ScriptedRetriever(passage(COLUMNS))
    bot = build(Settings(), store=store, retriever=retriever, chat=chat)
    conversation = Conversation("test")
    await bot.store.add_conversation(conversation)
    for text in ("How many columns can a board have?", "and on mobile?", "and on an iPad?"):
        message = Message(conversation.id, Author.CUSTOMER, text)
        await (await bot.turns.submit(message)).result()
    rewritings = [trace.rewriting for trace in store.traces.values()]
    assert rewritings == [None, "model", "ungrounded"]
    assert retriever.queries[1].text == "How many columns can a board have on mobile?"


async def test_a_question_about_an_account_is_not_answered_but_a_person_is_offered() -> None:
    talk = await Talk(ScriptedRetriever(passage(COLUMNS))).start()
    reply = await talk.say("why was our workspace suspended yesterday?")
    assert isinstance(reply.act, Abstention)
    assert reply.act.reason is AbstainReason.NEEDS_ACCOUNT_DATA
    assert reply.offer_human
    assert [citation.title for citation in reply.citations] == ["Boards"]
    assert not (await talk.say("how many columns can a board have?")).offer_human


async def test_an_answer_from_an_article_past_its_review_says_so() -> None:
    stale = replace(passage(COLUMNS), review_by=date(2026, 11, 19))
    talk = await Talk(ScriptedRetriever(stale)).start()
    assert "2026-11-19" in (await talk.say("how many columns can a board have?")).text
    fresh = replace(stale, review_by=date(2026, 11, 20))
    talk = await Talk(ScriptedRetriever(fresh)).start()
    assert "2026" not in (await talk.say("how many columns can a board have?")).text


async def test_articles_that_disagree_are_both_quoted() -> None:
    other = passage("A board holds 30 columns.", path="en/plans.md")
    talk = await Talk(ScriptedRetriever(passage(COLUMNS), other)).start()
    reply = await talk.say("how many columns can a board have?")
    assert f"{COLUMNS} [1]" in reply.text
    assert "A board holds 30 columns. [2]" in reply.text
    assert [citation.n for citation in reply.citations] == [1, 2]


RANT = "you useless stupid bot, this is the third time, what a joke of a service"


async def test_an_angry_user_is_offered_a_person_even_when_nothing_can_be_looked_up() -> None:
    talking = await talk(passage(COLUMNS))
    talking.retriever.broken = True
    reply = await talking.say(RANT)
    assert reply.tone.label is ToneLabel.ANGRY
    assert reply.offer_human


async def test_who_is_fed_up_is_consoled_and_a_calm_user_never() -> None:
    talking = await talk(passage(COLUMNS))
    calm = await talking.say("How many columns can a board have?")
    assert calm.text == f"{COLUMNS} [1]"
    assert not calm.offer_human
    upset = await talking.say("ugh, this is so frustrating, still not working, third time now!!")
    sayings = {
        saying
        for comfort in Comfort
        for saying in talking.bot.prompts.variants("empathy", Locale.EN, comfort.value)
    }
    assert upset.tone.label is not ToneLabel.CALM
    assert upset.tone.reasons
    assert upset.text.split("\n\n")[0] in sayings


@pytest.mark.parametrize("answerability", [0.0, 0.9])
async def test_what_is_found_has_no_part_in_what_is_heard(answerability: float) -> None:
    talking = await talk(passage(COLUMNS), answerability=answerability)
    conversation = talking.conversation.id
    for author, text, outcome in (
        (Author.CUSTOMER, "how do I print the board", None),
        (Author.BOT, "I found nothing about this.", Outcome.ABSTAINED),
        (Author.CUSTOMER, "print the board, how", None),
        (Author.BOT, "I found nothing about this.", Outcome.ABSTAINED),
    ):
        await talking.store.add_message(Message(conversation, author, text, outcome=outcome))
    reply = await talking.say("so nobody knows how to print the board, wonderful")
    assert reply.offer_human or reply.decision is DecisionKind.HANDOFF
