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
    Locale,
    Message,
    new_id,
)
from bot.domain.errors import BotError, StoreError
from bot.domain.feedback import Rating
from bot.domain.knowledge import Evidence
from bot.domain.policy import Decision, Thresholds, decide, needs_person
from bot.domain.reply import (
    DecisionKind,
    Delta,
    HandoffReason,
    Reply,
    ReplyEvent,
    Stage,
    StageStarted,
)
from bot.domain.understanding import CALM, Intent, Understanding
from bot.ports import Escalation, Retriever, Store, TurnTrace
from bot.services.acting import Actor, Performance
from bot.services.consoling import Consoler
from bot.services.escalation import Occasion
from bot.services.handoff import Handoffs
from bot.services.hearing import Listener
from bot.services.retrieval import Retrieval
from bot.services.understanding import QuestionReader
from bot.services.weighing import Weigher

log = logging.getLogger(__name__)

# Where a text may be cut for streaming: after a sentence or a line.
PIECE = re.compile(r".+?(?:[。！？.!?]\s*|\n+|$)", re.DOTALL)


@dataclass(slots=True)
class Trail:
    """How a turn came about, while it does."""

    stage_ms: dict[str, float] = field(default_factory=dict)
    history: Sequence[Message] = ()
    rewriting: str | None = None
    evidence: Evidence | None = None
    decision: Decision | None = None
    performance: Performance | None = None
    escalation: Escalation | None = None
    has_desk: bool = False  # a person can be given the conversation

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
        handoffs: Handoffs,
        thresholds: Thresholds,
        default_locale: Locale,
    ) -> None:
        self._store = store
        self._reader = reader
        self._retrieval = Retrieval(retriever, thresholds)
        self._weigher = weigher
        self._actor = actor
        self._listener = listener
        self._consoler = consoler
        self._handoffs = handoffs
        self._thresholds = thresholds
        self._default_locale = default_locale

    async def respond(self, message: Message, worker: str) -> AsyncIterator[ReplyEvent]:
        """Stages, pieces of the text, then the stored reply; `worker` holds the turn's lease."""
        started = time.perf_counter()
        stored: Reply | None = None
        while stored is None:
            conversation = await self._conversation(message)
            trail = Trail(has_desk=self._handoffs.takes(conversation))
            yield StageStarted(Stage.UNDERSTAND)
            with trail.stage(Stage.UNDERSTAND):
                trail.history = await self._history(conversation, message)
                understanding = await self._understand(conversation, message, trail.history)
                trail.rewriting = understanding.rewriting
            async for stage in self._work_out(conversation, message, understanding, trail):
                yield stage
            reply = self._reply(message, understanding, trail)
            yield StageStarted(Stage.RECORD)
            reply = replace(reply, latency_ms=(time.perf_counter() - started) * 1000)
            stored = await self._record(message, worker, reply, trail)
        # Said once it is committed: a ticket stands by then, and where a person has stepped in
        # meanwhile there is nothing to say.
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
                    understanding, trail.evidence = await self._retrieval.look_up(
                        understanding, conversation.audience
                    )
                trail.rewriting = understanding.rewriting
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
            trail.performance = await self._recover(trail, conversation, message, understanding)

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
                urgency=self._listener.latest_urgency(understanding, trail.history),
            )
            trail.escalation = await self._handoffs.prepare(conversation, message, occasion)
            if trail.escalation is not None:
                announced = await self._handoffs.announce(trail.escalation.ticket)
                return self._surrounded(Performance(announced), understanding, trail)
        assert decision is not None  # noqa: S101 - what this is called for
        performance = await self._actor.act(
            decision, understanding, trail.evidence, has_desk=trail.has_desk
        )
        return self._surrounded(performance, understanding, trail)

    def _reply(self, message: Message, understanding: Understanding, trail: Trail) -> Reply:
        assert trail.performance is not None  # noqa: S101 - an apology at least
        act = trail.performance.act
        return Reply(
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

    async def _conversation(self, message: Message) -> Conversation:
        conversation = await self._store.conversation(message.conversation)
        if conversation is None:
            raise StoreError(f"conversation {message.conversation} is gone")
        return conversation

    async def _history(self, conversation: Conversation, message: Message) -> Sequence[Message]:
        messages = await self._store.messages(conversation.id)
        ids = [known.id for known in messages]
        history = messages[: ids.index(message.id)] if message.id in ids else messages
        return since_answered(conversation.course(history))

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
        heard = await asyncio.to_thread(self._listener.hear, understanding, history, dislikes)
        # The button's words are ours: nobody can be heard in them.
        return replace(heard, tone=CALM) if message.wants_human else heard

    async def _recover(
        self,
        trail: Trail,
        conversation: Conversation,
        message: Message,
        understanding: Understanding,
    ) -> Performance:
        """Something is down. Who needs a person is offered one or handed over all the same."""
        apology = Performance(self._actor.apologise(understanding, has_desk=trail.has_desk))
        if not needs_person(understanding):
            return apology
        trail.decision = decide(conversation.status, understanding, None, self._thresholds)
        if trail.decision.kind is DecisionKind.HANDOFF:
            return await self._perform(conversation, message, understanding, trail)
        return self._surrounded(apology, understanding, trail)

    def _surrounded(
        self, performance: Performance, understanding: Understanding, trail: Trail
    ) -> Performance:
        """With empathy before and an offer after it, as decided."""
        if trail.decision is None:
            return performance
        act = self._consoler.surround(
            performance.act,
            trail.decision,
            understanding,
            trail.history,
            has_desk=trail.has_desk,
        )
        return replace(performance, act=act)

    def _needs_evidence(self, conversation: Conversation, understanding: Understanding) -> bool:
        if conversation.status.is_with_person:
            return False
        return understanding.intent is Intent.QUESTION

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


def since_answered(course: Sequence[Message]) -> Sequence[Message]:
    """What counts once a person has answered: what the bot failed at before is theirs by then, and
    thanks for it are no complaint."""
    answers = [at for at, message in enumerate(course) if message.author is Author.AGENT]
    return course[answers[-1] + 1 :] if answers else course


def _offers_person(decision: Decision | None) -> bool:
    """A hand-off is more than an offer, and says so by itself."""
    return decision is not None and decision.offers_person
