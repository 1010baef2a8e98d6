"""One turn: understand, retrieve, decide, act, record. The stages do not know each other."""

import logging
import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from bot.domain.conversation import (
    Conversation,
    Locale,
    Message,
    new_id,
)
from bot.domain.errors import BotError, StoreError
from bot.domain.knowledge import Evidence
from bot.domain.policy import Decision, Thresholds, decide
from bot.domain.reply import (
    DecisionKind,
    Delta,
    HandoffReason,
    Reply,
    ReplyEvent,
    Stage,
    StageStarted,
)
from bot.domain.understanding import Intent, Understanding
from bot.ports import Escalation, Query, Retriever, Store, TurnTrace
from bot.services.acting import Actor, Performance
from bot.services.escalation import Occasion
from bot.services.handoff import Handoffs
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
    escalation: Escalation | None = None

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
        handoffs: Handoffs,
        thresholds: Thresholds,
        default_locale: Locale,
    ) -> None:
        self._store = store
        self._reader = reader
        self._retriever = retriever
        self._weigher = weigher
        self._actor = actor
        self._handoffs = handoffs
        self._thresholds = thresholds
        self._default_locale = default_locale

    async def respond(self, message: Message, worker: str) -> AsyncIterator[ReplyEvent]:
        """Stages, pieces of the text, then the stored reply; `worker` holds the turn's lease."""
        started = time.perf_counter()
        stored: Reply | None = None
        while stored is None:
            trail = Trail()
            conversation = await self._conversation(message)
            yield StageStarted(Stage.UNDERSTAND)
            with trail.stage(Stage.UNDERSTAND):
                understanding = await self._understand(conversation, message)
                trail.rewriting = understanding.rewriting
            async for stage in self._work_out(conversation, message, understanding, trail):
                yield stage
            reply = self._reply(message, understanding, trail)
            if trail.escalation is None:
                for piece in PIECE.findall(reply.text):
                    yield Delta(piece)
            yield StageStarted(Stage.RECORD)
            reply = replace(reply, latency_ms=(time.perf_counter() - started) * 1000)
            stored = await self._record(message, worker, reply, trail)
        if trail.escalation is not None:  # a ticket is spoken of once it is committed
            for piece in PIECE.findall(stored.text):
                yield Delta(piece)
        yield stored

    async def _work_out(
        self,
        conversation: Conversation,
        message: Message,
        understanding: Understanding,
        trail: Trail,
    ) -> AsyncIterator[StageStarted]:
        """What is done in this turn, into the trail."""
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
                trail.performance = await self._perform(conversation, message, understanding, trail)
        except StoreError:  # nothing could be stored either: the turn is made again
            raise
        except BotError as error:
            log.error("turn %s: %s", message.id, error)
            trail.performance = Performance(self._actor.apologise(understanding))

    async def _perform(
        self,
        conversation: Conversation,
        message: Message,
        understanding: Understanding,
        trail: Trail,
    ) -> Performance:
        decision = trail.decision
        if decision is not None and isinstance(decision.reason, HandoffReason):
            occasion = Occasion(
                reason=decision.reason,
                locale=understanding.locale,
                question=understanding.question,
                tone=understanding.tone,
                evidence=trail.evidence,
            )
            trail.escalation = await self._handoffs.prepare(conversation, message, occasion)
            if trail.escalation is not None:
                return Performance(await self._handoffs.announce(trail.escalation.ticket))
        assert decision is not None  # noqa: S101 - what this is called for
        return await self._actor.act(decision, understanding, trail.evidence)

    def _reply(self, message: Message, understanding: Understanding, trail: Trail) -> Reply:
        assert trail.performance is not None  # noqa: S101 - an apology at least
        act = trail.performance.act
        return Reply(
            act=act,
            locale=understanding.locale,
            tone=understanding.tone,
            wants_human=understanding.wants_human,
            offer_human=self._actor.offers_person(act),
            suggestions=self._actor.suggestions(act),
            snapshot=trail.evidence.snapshot if trail.evidence else None,
            message=new_id(),
            conversation=message.conversation,
        )

    async def _conversation(self, message: Message) -> Conversation:
        conversation = await self._store.conversation(message.conversation)
        if conversation is None:
            raise StoreError(f"conversation {message.conversation} is gone")
        return conversation

    async def _understand(self, conversation: Conversation, message: Message) -> Understanding:
        messages = await self._store.messages(conversation.id)
        ids = [known.id for known in messages]
        history = messages[: ids.index(message.id)] if message.id in ids else messages
        history = conversation.course(history)
        understanding = await self._reader.understand(
            message.text, history, conversation.locale, self._default_locale
        )
        if message.wants_human:
            return replace(understanding, intent=Intent.PERSON)
        return understanding

    def _needs_evidence(self, conversation: Conversation, understanding: Understanding) -> bool:
        if conversation.status.is_with_person:
            return False
        return understanding.intent is Intent.QUESTION

    async def _retrieve(self, understanding: Understanding) -> Evidence:
        return await self._retriever.search(
            Query.of(
                understanding,
                limit=ARTICLES,
                passages_per_article=PASSAGES_PER_ARTICLE,
                whole_sections=True,
            )
        )

    async def _record(
        self, message: Message, worker: str, reply: Reply, trail: Trail
    ) -> Reply | None:
        """As it is stored; None where the bot was silent and has the conversation again."""
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
        stored = await self._store.finish(message.id, worker, reply, trace, trail.escalation)
        if stored is not None:
            if stored.decision is not DecisionKind.SILENT and trail.escalation is not None:
                self._handoffs.committed(trail.escalation.ticket)
            return stored
        turn = await self._store.turn(message.id)
        if turn is not None and turn.reply is not None:
            return turn.reply
        conversation = await self._conversation(message)
        if reply.decision is DecisionKind.SILENT and not conversation.status.is_with_person:
            return None
        raise StoreError(f"turn {message.id} went to another worker")
