"""The part of bootstrap that builds what all chat programs share, over one of them."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from bot.domain.conversation import now
from bot.ports import Courier, Prompts, Retriever, Storage
from bot.sections.chat import ChatSection
from bot.services.casework import Casework
from bot.services.confidence import Confidence
from bot.services.feedback import FeedbackCollector
from bot.services.inbound import InboundWorker
from bot.services.turns import TurnRunner
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.channels.chat.answers import AnswerWriter
    from bot.channels.chat.handlers import Handlers
    from bot.channels.chat.intake import Intake, ReadEvent
    from bot.channels.chat.listening import Diversion
    from bot.channels.chat.mounting import Mount
    from bot.channels.chat.posting import Poster
    from bot.channels.chat.presenter import Presenter
    from bot.channels.chat.program import Program
    from bot.channels.chat.unseen import Unseen

AgentName = Callable[[str], Awaitable[str | None]]


class HandOver(Protocol):
    @property
    def casework(self) -> Casework: ...
    @property
    def agent_name(self) -> AgentName: ...


@dataclass(frozen=True, slots=True)
class Answering:
    """What answers are made of, and judged by."""

    turns: TurnRunner
    retriever: Retriever
    confidence: Confidence
    feedback: FeedbackCollector


@dataclass(frozen=True, slots=True)
class ChatGround:
    """What every part of one chat program stands on."""

    settings: Settings
    section: ChatSection
    store: Storage
    prompts: Prompts
    program: "Program"
    handlers: "Handlers"
    poster: "Poster"
    clock: Callable[[], datetime] = now


@dataclass(frozen=True, slots=True)
class ChatTalk:
    courier: Courier
    presenter: "Presenter"


@dataclass(frozen=True, kw_only=True)
class ChatParts:
    """One chat program at work."""

    courier: Courier
    handlers: "Handlers"
    intake: "Intake"
    worker: InboundWorker
    presenter: "Presenter"
    edge_runs: Sequence[Callable[[], Coroutine[Any, Any, None]]] = ()  # each until cancelled
    close_edge: Callable[[], Awaitable[None]]
    mounts: "Sequence[Mount]" = ()

    async def run(self) -> None:
        """Until cancelled: nothing comes in any more then, and what is said still goes out."""
        async with asyncio.TaskGroup() as group:
            for run in (self.worker.run, *self.edge_runs):
                group.create_task(run())

    async def close(self) -> None:
        await self.presenter.close()
        await self.close_edge()


def build_ground(
    settings: Settings,
    section: ChatSection,
    store: Storage,
    prompts: Prompts,
    program: "Program",
    clock: Callable[[], datetime] = now,
) -> ChatGround:
    from bot.channels.chat.handlers import Handlers
    from bot.channels.chat.posting import Poster

    poster = Poster(program.channel, program.wall, store, clock)
    return ChatGround(settings, section, store, prompts, program, Handlers(), poster, clock)


def build_intake(ground: ChatGround, read_event: "ReadEvent") -> "tuple[Intake, InboundWorker]":
    """Where events are taken, and who works on them."""
    from bot.channels.chat.intake import Intake

    channel, handlers, store = ground.program.channel, ground.handlers, ground.store
    worker = InboundWorker(channel, store, handlers.handle, ground.clock)
    intake = Intake(channel, read_event, store, handlers, worker.nudge, ground.clock)
    return intake, worker


def build_writer(ground: ChatGround) -> "AnswerWriter":
    from bot.channels.chat.answers import AnswerWriter

    return AnswerWriter(ground.prompts, ground.settings.web.site)


def connect_talk(
    ground: ChatGround,
    answering: Answering,
    hand_over: HandOver,
    diversions: "Sequence[Diversion]" = (),
    unseen: "Unseen | None" = None,
) -> ChatTalk:
    """What askers say, and what they see of what it is answered with."""
    from bot.channels.chat.courier import ChatCourier
    from bot.channels.chat.presenter import Presenter

    program, store, locale = ground.program, ground.store, ground.settings.locale
    presenter = Presenter(program, store, ground.prompts, locale, ground.clock)
    _connect_listening(ground, answering, hand_over.casework, presenter, diversions)
    _connect_choices(ground, answering, presenter, unseen)
    courier = ChatCourier(
        program,
        store,
        ground.poster,
        presenter,
        build_writer(ground),
        hand_over.agent_name,
        answering.retriever,
        locale,
        unseen,
    )
    return ChatTalk(courier, presenter)


def _connect_listening(
    ground: ChatGround,
    answering: Answering,
    casework: Casework,
    presenter: "Presenter",
    diversions: "Sequence[Diversion]",
) -> None:
    from bot.channels.chat.auto import AutoAnswers
    from bot.channels.chat.listening import Listening

    section = ground.section
    listening = Listening(
        ground.program,
        ground.store,
        answering.turns,
        casework,
        ground.prompts,
        ground.settings.locale,
        section.internal_channels,
        presenter,
        AutoAnswers(
            answering.confidence,
            section.auto_channels,
            section.internal_channels,
            section.auto_confidence,
        ),
        diversions,
        ground.clock,
    )
    ground.handlers.add("message", listening.hear)
    ground.handlers.add("edited", listening.hear_edit)
    ground.handlers.add("deleted", listening.hear_deletion)


def _connect_choices(
    ground: ChatGround, answering: Answering, presenter: "Presenter", unseen: "Unseen | None"
) -> None:
    """What is chosen below an answer."""
    from bot.channels.chat.answers import FEEDBACK, SUGGEST
    from bot.channels.chat.asking import Asking
    from bot.channels.chat.feedback import DIALOG, AnswerFeedback

    program, store, handlers = ground.program, ground.store, ground.handlers
    internal = ground.section.internal_channels
    asking = Asking(program, store, answering.turns, presenter, ground.prompts, internal, unseen)
    feedback = AnswerFeedback(
        program, store, answering.feedback, ground.prompts, ground.settings.locale
    )
    handlers.add(f"click:{SUGGEST}.*", asking.choose)
    handlers.add(f"click:{FEEDBACK}", feedback.rate)
    handlers.add(f"form:{DIALOG}", feedback.comment)
    handlers.add_reaction(f"click:{FEEDBACK}", feedback.open_dialog)
