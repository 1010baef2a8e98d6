"""The part of bootstrap that builds what all chat programs share, over one of them."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from bot.domain.conversation import now
from bot.ports import AgentStore, Courier, Prompts, Retriever, Storage
from bot.sections.chat import ChatSection
from bot.services.casework import Casework
from bot.services.confidence import Confidence
from bot.services.feedback import FeedbackCollector
from bot.services.handoff import Handoffs
from bot.services.inbound import InboundWorker
from bot.services.sla import ServiceLevels
from bot.services.surveys import Surveys
from bot.services.turns import TurnRunner
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.channels.chat.answers import AnswerWriter
    from bot.channels.chat.handlers import Handlers
    from bot.channels.chat.intake import Intake
    from bot.channels.chat.listening import Diversion
    from bot.channels.chat.posting import Poster
    from bot.channels.chat.presenter import Presenter
    from bot.channels.chat.program import Program
    from bot.channels.chat.unseen import Unseen

AgentName = Callable[[str], Awaitable[str | None]]


class HandOver(Protocol):
    """What chat programs need of it."""

    @property
    def handoffs(self) -> Handoffs: ...
    @property
    def casework(self) -> Casework: ...
    @property
    def surveys(self) -> Surveys: ...
    @property
    def levels(self) -> ServiceLevels: ...
    @property
    def agent_name(self) -> AgentName: ...


@dataclass(frozen=True, slots=True)
class ChatServices:
    """What answers are made of, and judged by; and who helps where they do not."""

    turns: TurnRunner
    retriever: Retriever
    confidence: Confidence
    feedback: FeedbackCollector
    hand_over: HandOver
    agents: AgentStore


@dataclass(frozen=True, slots=True)
class ChatGround:
    """What every part of one chat program stands on."""

    settings: Settings
    section: ChatSection
    store: Storage
    prompts: Prompts
    program: "Program"
    handlers: "Handlers"
    intake: "Intake"
    worker: InboundWorker
    poster: "Poster"
    clock: Callable[[], datetime] = now


@dataclass(frozen=True, slots=True)
class ChatTalk:
    courier: Courier
    presenter: "Presenter"


def build_ground(
    settings: Settings,
    section: ChatSection,
    store: Storage,
    prompts: Prompts,
    program: "Program",
    clock: Callable[[], datetime] = now,
) -> ChatGround:
    from bot.channels.chat.handlers import Handlers
    from bot.channels.chat.intake import Intake
    from bot.channels.chat.posting import Poster

    channel, handlers = program.channel, Handlers()
    worker = InboundWorker(channel, store, handlers.handle, clock)
    intake = Intake(channel, program.read_event, store, handlers, worker.nudge, clock)
    poster = Poster(channel, program.wall, store, clock)
    return ChatGround(
        settings, section, store, prompts, program, handlers, intake, worker, poster, clock
    )


def build_writer(ground: ChatGround) -> "AnswerWriter":
    from bot.channels.chat.answers import AnswerWriter

    return AnswerWriter(ground.prompts, ground.settings.web.site)


def connect_talk(
    ground: ChatGround,
    services: ChatServices,
    diversions: "Sequence[Diversion]" = (),
    unseen: "Unseen | None" = None,
) -> ChatTalk:
    """What askers say, and what they see of what it is answered with."""
    from bot.channels.chat.courier import ChatCourier
    from bot.channels.chat.presenter import Presenter

    program, store, locale = ground.program, ground.store, ground.settings.locale
    presenter = Presenter(program, store, ground.prompts, locale, ground.clock)
    _connect_listening(ground, services, presenter, diversions)
    _connect_choices(ground, services, presenter, unseen)
    courier = ChatCourier(
        program,
        store,
        ground.poster,
        presenter,
        build_writer(ground),
        services.hand_over.agent_name,
        services.retriever,
        locale,
        unseen,
    )
    return ChatTalk(courier, presenter)


def _connect_listening(
    ground: ChatGround,
    services: ChatServices,
    presenter: "Presenter",
    diversions: "Sequence[Diversion]",
) -> None:
    from bot.channels.chat.auto import AutoAnswers
    from bot.channels.chat.listening import Listening

    section = ground.section
    listening = Listening(
        ground.program,
        ground.store,
        services.turns,
        services.hand_over.casework,
        ground.prompts,
        ground.settings.locale,
        section.internal_channels,
        presenter,
        AutoAnswers(
            services.confidence,
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
    ground: ChatGround, services: ChatServices, presenter: "Presenter", unseen: "Unseen | None"
) -> None:
    """What is chosen below an answer."""
    from bot.channels.chat.answers import FEEDBACK, SUGGEST
    from bot.channels.chat.asking import Asking
    from bot.channels.chat.feedback import DIALOG, AnswerFeedback

    program, store, handlers = ground.program, ground.store, ground.handlers
    internal = ground.section.internal_channels
    asking = Asking(program, store, services.turns, presenter, ground.prompts, internal, unseen)
    feedback = AnswerFeedback(
        program, store, services.feedback, ground.prompts, ground.settings.locale
    )
    handlers.add(f"click:{SUGGEST}.*", asking.choose)
    handlers.add(f"click:{FEEDBACK}", feedback.rate)
    handlers.add(f"form:{DIALOG}", feedback.comment)
    handlers.add_reaction(f"click:{FEEDBACK}", feedback.open_dialog)
