"""Packets as an agent reads them; nothing in them that nobody said and no article says."""

import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.adapters.prompt_files import PROMPTS_FOLDER, PromptFiles
from bot.domain.conversation import Author, Conversation, Locale, Message, Outcome
from bot.domain.customer import Customer, Tier
from bot.domain.errors import KnowledgeBaseUnavailable, ModelUnavailable
from bot.domain.knowledge import Evidence
from bot.domain.packet import Packet
from bot.domain.reply import AbstainReason, Abstention, Answer, HandoffReason, Reply
from bot.domain.text import strip_links
from bot.domain.ticket_queue import ResolvedTicket
from bot.domain.understanding import CALM, Tone, ToneLabel
from bot.services.answering import extractive_answer
from bot.services.escalation import Case, Occasion
from bot.services.packet import Library, PacketBuilder
from bot.services.summarising import Summariser
from tests.fakes import FakeRetriever
from tests.services.passages import DELETING, EXPORT, FIELDS, GANTT
from tests.services.scripted_chat import ScriptedChat

PROMPTS = PromptFiles()
ANGRY = Tone(ToneLabel.ANGRY, 0.9, ("insult",))
EVIDENCE = Evidence((FIELDS, DELETING), 0.9, "s")
CHINESE = Evidence((EXPORT, GANTT), 0.9, "s")


class Alike:
    """As many words as two texts share of the first one's."""

    def compare(self, texts: Sequence[str], others: Sequence[str]) -> Sequence[Sequence[float]]:
        return [[_shared(text, other) for other in others] for text in texts]


class Broken:
    def compare(self, texts: Sequence[str], others: Sequence[str]) -> Sequence[Sequence[float]]:
        raise ModelUnavailable("no vectors")


def _shared(text: str, other: str) -> float:
    words = set(text.lower().split())
    return len(words & set(other.lower().split())) / max(len(words), 1)


def case(
    *said: str | Answer | Abstention,
    reason: HandoffReason = HandoffReason.ASKED_FOR_HUMAN,
    locale: Locale = Locale.EN,
    tone: Tone = CALM,
    evidence: Evidence | None = None,
    urgency: str | None = None,
    customer: Customer | None = None,
    resolved: Sequence[ResolvedTicket] = (),
) -> Case:
    conversation = Conversation("widget", page="/boards/7")
    messages, replies = [], {}
    for each in said:
        if isinstance(each, str):
            messages.append(Message(conversation.id, Author.CUSTOMER, each))
            continue
        reply = Reply(act=each, locale=locale)
        message = Message(conversation.id, Author.BOT, each.text, outcome=reply.outcome)
        messages.append(message)
        replies[message.id] = reply
    occasion = Occasion(reason=reason, locale=locale, tone=tone, evidence=evidence, urgency=urgency)
    return Case(
        occasion=occasion,
        conversation=conversation,
        customer=customer,
        messages=messages,
        replies=replies,
        resolved=resolved,
    )


def builder(**parts: object) -> PacketBuilder:
    return PacketBuilder(PROMPTS, **parts)  # type: ignore[arg-type]


FIELD_QUESTION = "How many custom fields can a project have?"
FIELD_ANSWER = extractive_answer(Evidence((FIELDS,), 0.9, "s"), FIELD_QUESTION)
FROM_ACCOUNT = Abstention("That stands in your account.", AbstainReason.NEEDS_ACCOUNT_DATA)


async def test_who_asks_where_and_why() -> None:
    customer = Customer("c1", "Ada", "ada@example.com", "Example Ltd", Tier.PREMIUM)
    packet = await builder().build(case("human please", customer=customer))
    assert packet.requester.verified
    assert packet.requester.tier is Tier.PREMIUM
    assert (packet.page, packet.channel) == ("/boards/7", "widget")
    assert packet.summary == PROMPTS.text("packet", Locale.EN, "no_ask")
    assert packet.asks == ()


@pytest.mark.parametrize(
    ("question", "objection"),
    [
        (FIELD_QUESTION, "This does not work for us because we need 90 fields."),
        ("一个项目最多几个自定义字段？", "不行，我们单位至少要 90 个字段"),
    ],
)
async def test_the_summary_tells_why_an_answer_did_not_fit(question: str, objection: str) -> None:
    packet = await builder().build(case(question, FIELD_ANSWER, objection, "转人工 / human please"))
    assert objection.split(",")[0] in packet.summary
    assert question in packet.summary
    assert packet.asks == (packet.summary,)


async def test_the_transcript_carries_tones_and_sources() -> None:
    packet = await builder().build(
        case(FIELD_QUESTION, FIELD_ANSWER, "useless, get me a human", tone=ANGRY)
    )
    asked, answered, last = packet.transcript
    assert asked.tone == CALM
    assert answered.citations == FIELD_ANSWER.citations
    assert answered.outcome is Outcome.ANSWERED
    assert last.tone == ANGRY


async def test_a_draft_quotes_what_answers_and_was_not_shown() -> None:
    told = case(FIELD_QUESTION, "human please", evidence=EVIDENCE)
    packet = await builder().build(told)
    assert "60 custom fields" in packet.draft.text
    assert packet.draft.citations[0].path == FIELDS.path
    assert packet.next_step == PROMPTS.text("packet", Locale.EN, "step_clear")


async def test_a_much_weaker_section_is_no_second_answer() -> None:
    other = replace(FIELDS, anchor="colours")
    weaker = replace(other, score=FIELDS.score * 0.4)
    evidence = Evidence((FIELDS, weaker), 0.9, "s")
    packet = await builder().build(
        case(FIELD_QUESTION, FIELD_ANSWER, "that is not what I see. A human!", evidence=evidence)
    )
    assert packet.draft.citations == ()
    assert [passage.anchor for passage in packet.unused] == ["colours"]
    hardly = replace(other, score=FIELDS.score * 0.0001)
    told = case(
        FIELD_QUESTION, FIELD_ANSWER, "A human!", evidence=Evidence((FIELDS, hardly), 0.9, "s")
    )
    assert (await builder().build(told)).unused == ()


async def test_what_was_shown_is_not_sent_again() -> None:
    evidence = Evidence((FIELDS,), 0.9, "s")
    packet = await builder().build(
        case(FIELD_QUESTION, FIELD_ANSWER, "that is not what I see. A human!", evidence=evidence)
    )
    assert "60 custom fields" not in packet.draft.text
    assert packet.draft.citations == ()
    assert FIELDS.title in packet.next_step
    assert packet.unused == ()


async def test_passages_nobody_cited_are_named_once_an_article() -> None:
    weak = replace(EVIDENCE, answerability=0.2)
    packet = await builder().build(case(FIELD_QUESTION, "human please", evidence=weak))
    assert [passage.path for passage in packet.unused] == [FIELDS.path]
    assert packet.draft.citations == ()


async def test_what_needs_the_account_is_looked_up_and_not_told_to_strangers() -> None:
    packet = await builder().build(case("Why was my invoice 1,240 USD?", FROM_ACCOUNT, "a human"))
    assert "Why was my invoice 1,240 USD?" in packet.next_step
    assert PROMPTS.text("packet", Locale.EN, "unverified") in packet.next_step


@pytest.mark.parametrize("urgency", ["outage", "data_loss", "security", "billing", "legal"])
async def test_what_cannot_wait_quotes_no_article(urgency: str) -> None:
    packet = await builder().build(
        case(
            "All our tasks are gone since 9:10",
            reason=HandoffReason.URGENT,
            urgency=urgency,
            evidence=EVIDENCE,
        )
    )
    assert packet.next_step.startswith(PROMPTS.text("packet", Locale.EN, f"step_{urgency}"))
    assert PROMPTS.text("packet", Locale.EN, f"do_{urgency}") in packet.draft.text
    assert packet.draft.citations == ()


async def test_an_article_in_the_other_language_is_announced() -> None:
    packet = await builder().build(case("How do I export the chart?", "a human", evidence=CHINESE))
    title = packet.draft.citations[0].title
    assert PROMPTS.text("packet", Locale.EN, "other_language", title=title) in packet.draft.text


async def test_what_is_open_is_looked_up_where_the_turn_did_not() -> None:
    retriever = FakeRetriever()
    packet = await builder(library=Library(retriever)).build(
        case("How do I create a team?", "This is ridiculous. Human!")
    )
    assert retriever.queries[0].text == "How do I create a team?"
    assert "Settings" in packet.draft.text


async def test_without_a_knowledge_base_or_vectors_there_is_a_packet() -> None:
    retriever = FakeRetriever(failure=KnowledgeBaseUnavailable("gone"))
    resolved = [ResolvedTicket("i", "T-1", "x", "How do I create a team?", "Like this.")]
    packet = await builder(library=Library(retriever), similarity=Broken()).build(
        case("How do I create a team?", "human please", resolved=resolved)
    )
    assert packet.summary == "How do I create a team?"
    assert packet.similar == ()


async def test_similar_tickets_of_other_conversations_at_most_three() -> None:
    told = case("How do I create a team?", "a human")
    resolved = [
        ResolvedTicket(str(n), f"T-{n}", f"x{n}", "How do I create a team?", f"Answer {n}")
        for n in range(5)
    ]
    own = ResolvedTicket("own", "T-9", told.conversation.id, "How do I create a team?", "Mine")
    other = ResolvedTicket("o", "T-8", "y", "Refund for March", "Done")
    told = replace(told, resolved=[own, other, *resolved])
    packet = await builder(similarity=Alike()).build(told)
    assert [ticket.label for ticket in packet.similar] == ["T-0", "T-1", "T-2"]


async def test_what_points_to_a_person_is_masked_also_in_the_draft() -> None:
    said = "Why does the export fail for 13812345678?"
    masked = await builder().build(case(said, "human please"))
    assert "13812345678" not in json.dumps(masked.as_json())
    assert "[phone 1]" in masked.draft.text
    plain = await builder(masked=False).build(case(said, "human please"))
    assert plain.summary == said


@pytest.mark.parametrize(
    ("output", "by"),
    [
        ("Export fails for 40 users since Monday.\n- Export fails for 40 users.", "test:scripted"),
        ("Export fails for 50 users since Monday.", None),
        ("Export does not fail for 40 users since Monday.", None),
        ("Import fails for 40 users since Monday.", None),
        ("Export fails for 40 users of Contoso since Monday.", None),
        ("", None),
        ("导出失败", None),
    ],
)
async def test_a_models_summary_stands_only_when_the_customer_said_it(
    output: str, by: str | None
) -> None:
    summariser = Summariser(ScriptedChat((output,)), PROMPTS)
    packet = await builder(summariser=summariser).build(
        case("Export fails for 40 users since Monday. Why?", "a human")
    )
    assert packet.summarised_by == by
    if by is None:
        assert packet.summary == "Export fails for 40 users since Monday. Why?"


async def test_a_model_that_hangs_is_not_waited_for() -> None:
    summariser = Summariser(ScriptedChat(hangs=True), PROMPTS, timeout_s=0.01)
    packet = await builder(summariser=summariser).build(case("Why does the export fail?", "human"))
    assert packet.summarised_by is None


@pytest.mark.parametrize(
    "told",
    [
        case(FIELD_QUESTION, FIELD_ANSWER, "still wrong. human!", evidence=EVIDENCE, tone=ANGRY),
        case("甘特图怎么导出？", "转人工", evidence=CHINESE, locale=Locale.ZH),
        case("Why was my invoice 9 USD?", FROM_ACCOUNT, "又扣错了，转人工", locale=Locale.ZH),
        case("human", reason=HandoffReason.REPEATED_FAILURE),
    ],
)
async def test_every_sentence_is_the_customers_an_articles_or_the_prompts(told: Case) -> None:
    packet = await builder().build(told)
    evidence = told.occasion.evidence
    passages = evidence.passages if evidence else ()
    known = " ".join(
        [*(message.text for message in told.messages), *(strip_links(p.text) for p in passages)]
    )
    words = " ".join(_own_words(told.occasion.locale))
    for text in (packet.summary, *packet.asks, packet.next_step, packet.draft.text):
        for sentence in re.split(r"(?<=[.!?。！？])\s*|\n+|\[\d+\]|[“”：]", text):
            bare = sentence.strip(" *-.:：")
            if bare and FIELDS.title not in bare:
                assert bare in known or bare in words, bare


def _own_words(locale: Locale) -> list[str]:
    book = tomllib.loads((PROMPTS_FOLDER / f"packet.{locale}.toml").read_text("utf-8"))
    entries = (entry if isinstance(entry, list) else [entry] for entry in book.values())
    return [text for entry in entries for text in entry]


async def test_a_packet_survives_being_stored() -> None:
    packet = await builder(similarity=Alike()).build(
        case(FIELD_QUESTION, FIELD_ANSWER, "human please", evidence=EVIDENCE, tone=ANGRY)
    )
    assert Packet.from_json(json.loads(json.dumps(packet.as_json()))) == packet
