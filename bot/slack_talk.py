"""The part of bootstrap that builds what askers see in Slack."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from bot.ports import AgentStore, Courier, Retriever
from bot.services.confidence import Confidence
from bot.services.feedback import FeedbackCollector
from bot.services.sla import ServiceLevels
from bot.services.turns import TurnRunner
from bot.services.worklist import Worklist
from bot.slack_ground import SlackGround

if TYPE_CHECKING:
    from bot.channels.slack.answers import AnswerWriter
    from bot.channels.slack.assistant import Assistant
    from bot.channels.slack.auto import AutoAnswers
    from bot.channels.slack.locales import Locales
    from bot.channels.slack.people import SlackPeople
    from bot.channels.slack.posting import Poster
    from bot.channels.slack.private import PrivatePlaces
    from bot.channels.slack.responses import Responses
    from bot.channels.slack.streaming import Presenter
    from bot.channels.slack.work import Handlers

AgentName = Callable[[str], Awaitable[str | None]]


class HandOver(Protocol):
    @property
    def levels(self) -> ServiceLevels: ...
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
class SlackTalk:
    courier: Courier
    presenter: "Presenter"
    auto: "AutoAnswers"
    private: "PrivatePlaces"


@dataclass(frozen=True, slots=True)
class _Stage:
    """What several of these parts speak by."""

    locales: "Locales"
    responses: "Responses"
    poster: "Poster"
    writer: "AnswerWriter"
    assistant: "Assistant"
    presenter: "Presenter"
    private: "PrivatePlaces"


def connect_askers(
    ground: SlackGround,
    handlers: "Handlers",
    hand_over: HandOver,
    answering: Answering,
    people: "SlackPeople",
    agents: AgentStore,
) -> SlackTalk:
    from bot.channels.slack.auto import AutoAnswers
    from bot.channels.slack.courier import SlackCourier

    slack, stage = ground.settings.slack, _build_stage(ground)
    _connect_asking(ground, handlers, answering, people, stage)
    _connect_feedback(ground, handlers, answering)
    _connect_panes(ground, handlers, hand_over, people, agents, stage)
    return SlackTalk(
        courier=SlackCourier(
            ground.store,
            ground.calls,
            stage.poster,
            stage.presenter,
            stage.private,
            stage.writer,
            hand_over.agent_name,
            answering.retriever,
            ground.settings.locale,
        ),
        presenter=stage.presenter,
        auto=AutoAnswers(
            answering.confidence,
            slack.auto_channels,
            slack.internal_channels,
            slack.auto_confidence,
        ),
        private=stage.private,
    )


def _build_stage(ground: SlackGround) -> _Stage:
    from bot.channels.slack.answers import AnswerWriter
    from bot.channels.slack.assistant import Assistant
    from bot.channels.slack.locales import Locales
    from bot.channels.slack.posting import Poster
    from bot.channels.slack.private import PrivatePlaces
    from bot.channels.slack.responses import Responses
    from bot.channels.slack.streaming import Presenter

    store, prompts, calls = ground.store, ground.prompts, ground.calls
    locale = ground.settings.locale
    locales, responses = Locales(calls, locale), Responses()
    poster = Poster(calls, store, ground.clock)
    writer = AnswerWriter(prompts, ground.settings.web.site)
    assistant = Assistant(calls, store, prompts, locales)
    return _Stage(
        locales=locales,
        responses=responses,
        poster=poster,
        writer=writer,
        assistant=assistant,
        presenter=Presenter(calls, store, assistant, prompts, locale),
        private=PrivatePlaces(store, calls, poster, responses, writer, locale),
    )


def _connect_asking(
    ground: SlackGround,
    handlers: "Handlers",
    answering: Answering,
    people: "SlackPeople",
    stage: _Stage,
) -> None:
    """What is asked without a message in a thread."""
    from bot.channels.slack.answers import SHARE, SUGGEST
    from bot.channels.slack.ask import COMMAND, Asking
    from bot.channels.slack.manifest import ASK_SHORTCUT
    from bot.channels.slack.sharing import Sharing

    asking = Asking(
        ground.store,
        answering.turns,
        people,
        stage.responses,
        stage.presenter,
        ground.prompts,
        ground.settings.slack.internal_channels,
        ground.settings.locale,
    )
    sharing = Sharing(
        ground.store,
        stage.poster,
        stage.private,
        stage.responses,
        stage.writer,
        answering.retriever,
    )
    handlers.add(f"command:{COMMAND}", asking.ask)
    handlers.add(f"shortcut:{ASK_SHORTCUT}", asking.ask_about)
    handlers.add(f"action:{SUGGEST}.*", asking.choose)
    handlers.add(f"action:{SHARE}", sharing.share)


def _connect_feedback(ground: SlackGround, handlers: "Handlers", answering: Answering) -> None:
    from bot.channels.slack.answers import FEEDBACK
    from bot.channels.slack.feedback import DIALOG, AnswerFeedback

    feedback = AnswerFeedback(
        ground.store, answering.feedback, ground.calls, ground.prompts, ground.settings.locale
    )
    handlers.add(f"action:{FEEDBACK}", feedback.rate)
    handlers.add(f"view:{DIALOG}", feedback.comment)
    handlers.add_reaction(f"action:{FEEDBACK}", feedback.open_dialog)


def _connect_panes(
    ground: SlackGround,
    handlers: "Handlers",
    hand_over: HandOver,
    people: "SlackPeople",
    agents: AgentStore,
    stage: _Stage,
) -> None:
    """The Home tab, and the assistant beside a channel."""
    from bot.channels.slack.agents import SlackAgents
    from bot.channels.slack.home import AgentQueues, Home
    from bot.channels.slack.home_view import HomeView
    from bot.channels.slack.triage_channel import TriageChannel

    settings, store, calls = ground.settings, ground.store, ground.calls
    worklist = Worklist(store, agents, hand_over.levels, ground.clock)
    queues = AgentQueues(
        worklist,
        agents,
        SlackAgents(calls, agents),
        TriageChannel(calls, settings.slack.triage_channel),
    )
    view = HomeView(ground.prompts, ZoneInfo(settings.sla.timezone), settings.web.site)
    home = Home(store, calls, people, stage.locales, hand_over.levels, view, queues, ground.clock)
    handlers.add("app_home_opened", home.open)
    handlers.add("assistant_thread_started", stage.assistant.suggest)
    handlers.add("assistant_thread_context_changed", stage.assistant.suggest)
