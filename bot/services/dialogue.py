"""One turn: understand, retrieve, decide, act, record. The stages do not know each other."""

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from bot.domain.conversation import (
    Author,
    Conversation,
    ConversationStatus,
    Locale,
    Message,
    new_id,
)
from bot.domain.errors import BotError, StoreError
from bot.domain.feedback import Rating
from bot.domain.knowledge import Evidence
from bot.domain.policy import Decision, Thresholds, decide, needs_person
from bot.domain.reply import (
    Act,
    DecisionKind,
    Delta,
    Reply,
    ReplyEvent,
    Stage,
    StageStarted,
)
from bot.domain.understanding import Intent, Understanding
from bot.ports import Query, Retriever, Store, TurnTrace
from bot.services.acting import Actor, Performance
from bot.services.consoling import Consoler
from bot.services.hearing import Listener
from bot.services.understanding import QuestionReader
from bot.services.weighing import Weigher

log = logging.getLogger(__name__)

PASSAGES_PER_ARTICLE = 4
ARTICLES = 6
# Where a text may be cut for streaming: after a sentence or a line.
PIECE = re.compile(r".+?(?:[。！？.!?]\s*|\n+|$)", re.DOTALL)


@dataclass(slots=True)
class Trail:
    """How a turn came about, while it does."""

    stage_ms: dict[str, float] = field(default_factory=dict)
    rewriting: str | None = None
    evidence: Evidence | None = None
    decision: Decision | None = None
    performance: Performance | None = None

    @contextmanager
    def stage(self, stage: Stage) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self.stage_ms[stage.value] = (time.perf_counter() - started) * 1000


class DialogueManager:
    def __init__(
        self,
        store: Store,
        reader: QuestionReader,
        retriever: Retriever,
        weigher: Weigher,
        actor: Actor,
        listener: Listener,
        consoler: Consoler,
        thresholds: Thresholds,
        default_locale: Locale,
    ) -> None:
        self._store = store
        self._reader = reader
        self._retriever = retriever
        self._weigher = weigher
        self._actor = actor
        self._listener = listener
        self._consoler = consoler
        self._thresholds = thresholds
        self._default_locale = default_locale

    async def respond(self, message: Message, worker: str) -> AsyncIterator[ReplyEvent]:
        """Stages, pieces of the text, then the stored reply; `worker` holds the turn's lease."""
        started = time.perf_counter()
        trail = Trail()
        conversation = await self._conversation(message)
        yield StageStarted(Stage.UNDERSTAND)
        with trail.stage(Stage.UNDERSTAND):
            history = await self._history(conversation, message)
            understanding = await self._understand(conversation, message, history)
            trail.rewriting = understanding.rewriting
        act: Act
        try:
            if self._needs_evidence(conversation, understanding):
                yield StageStarted(Stage.RETRIEVE)
                with trail.stage(Stage.RETRIEVE):
                    trail.evidence = await self._retrieve(understanding)
            yield StageStarted(Stage.DECIDE)
            with trail.stage(Stage.DECIDE):
                if trail.evidence is not None:
                    trail.evidence = self._weigher.weigh(trail.evidence)
                trail.decision = decide(
                    conversation.status, understanding, trail.evidence, self._thresholds
                )
            yield StageStarted(Stage.ACT)
            with trail.stage(Stage.ACT):
                trail.performance = await self._actor.act(
                    trail.decision, understanding, trail.evidence
                )
                act = self._consoler.surround(
                    trail.performance.act, trail.decision, understanding, history
                )
        except BotError as error:
            log.error("turn %s: %s", message.id, error)
            act = await self._recover(trail, conversation, understanding, history)
        reply = Reply(
            act=act,
            locale=understanding.locale,
            tone=understanding.tone,
            wants_human=understanding.wants_human,
            offer_human=_offers_person(trail.decision) or self._actor.offers_person(act),
            suggestions=self._actor.suggestions(act),
            snapshot=trail.evidence.snapshot if trail.evidence else None,
            message=new_id(),
            conversation=message.conversation,
        )
        for piece in PIECE.findall(reply.text):
            yield Delta(piece)
        yield StageStarted(Stage.RECORD)
        reply = replace(reply, latency_ms=(time.perf_counter() - started) * 1000)
        yield await self._record(message, worker, reply, trail)

    async def _conversation(self, message: Message) -> Conversation:
        conversation = await self._store.conversation(message.conversation)
        if conversation is None:
            raise StoreError(f"conversation {message.conversation} is gone")
        return conversation

    async def _history(self, conversation: Conversation, message: Message) -> Sequence[Message]:
        messages = await self._store.messages(conversation.id)
        ids = [known.id for known in messages]
        return messages[: ids.index(message.id)] if message.id in ids else messages

    async def _understand(
        self, conversation: Conversation, message: Message, history: Sequence[Message]
    ) -> Understanding:
        understanding = await self._reader.understand(
            message.text, history, conversation.locale, self._default_locale
        )
        if message.wants_human:
            understanding = replace(understanding, intent=Intent.PERSON)
        said = [known.id for known in history if known.author is Author.BOT]
        given = await self._store.feedback(said) if said else {}
        dislikes = sum(feedback.rating is Rating.DOWN for feedback in given.values())
        return await asyncio.to_thread(self._listener.hear, understanding, history, dislikes)

    async def _recover(
        self,
        trail: Trail,
        conversation: Conversation,
        understanding: Understanding,
        history: Sequence[Message],
    ) -> Act:
        """Something is down. Who needs a person is offered one or handed over all the same."""
        trail.performance = Performance(self._actor.apologise(understanding))
        if not needs_person(understanding):
            return trail.performance.act
        trail.decision = decide(conversation.status, understanding, None, self._thresholds)
        if trail.decision.kind is DecisionKind.HANDOFF:
            trail.performance = await self._actor.act(trail.decision, understanding, None)
        return self._consoler.surround(
            trail.performance.act, trail.decision, understanding, history
        )

    def _needs_evidence(self, conversation: Conversation, understanding: Understanding) -> bool:
        bot_has_it = conversation.status in (
            ConversationStatus.PENDING,
            ConversationStatus.RESOLVED,
        )
        return bot_has_it and understanding.intent is Intent.QUESTION

    async def _retrieve(self, understanding: Understanding) -> Evidence:
        return await self._retriever.search(
            Query.of(
                understanding,
                limit=ARTICLES,
                passages_per_article=PASSAGES_PER_ARTICLE,
                whole_sections=True,
            )
        )

    async def _record(self, message: Message, worker: str, reply: Reply, trail: Trail) -> Reply:
        evidence, decision, performance = trail.evidence, trail.decision, trail.performance
        trace = TurnTrace(
            message=message.id,
            decision=reply.decision.value,
            reason=decision.reason.value if decision and decision.reason else None,
            answerability=evidence.answerability if evidence else None,
            snapshot=reply.snapshot,
            passages=tuple(passage.id for passage in evidence.passages) if evidence else (),
            stage_ms=trail.stage_ms,
            model=performance.model if performance else None,
            fallback=performance.fallback if performance else None,
            rewriting=trail.rewriting,
        )
        if await self._store.finish(message.id, worker, reply, trace):
            return reply
        turn = await self._store.turn(message.id)
        if turn is None or turn.reply is None:
            raise StoreError(f"turn {message.id} went to another worker")
        return turn.reply


def _offers_person(decision: Decision | None) -> bool:
    """A hand-off is more than an offer, and says so by itself."""
    return decision is not None and decision.offers_person
