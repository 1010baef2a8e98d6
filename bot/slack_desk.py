"""The part of bootstrap that builds what agents do in Slack, and how a person is asked for."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from bot.ports import AgentStore, TicketDesk
from bot.services.casework import Casework
from bot.services.person_requests import PersonRequests
from bot.services.sla import ServiceLevels
from bot.services.surveys import Surveys
from bot.services.turns import TurnRunner
from bot.slack_ground import SlackGround

if TYPE_CHECKING:
    from bot.channels.chat.listening import Diversion
    from bot.channels.chat.program import Said
    from bot.channels.slack.card import CardWriter
    from bot.channels.slack.survey import Home, SlackSurveys


AgentName = Callable[[str], Awaitable[str | None]]


class HandOver(Protocol):
    @property
    def casework(self) -> Casework: ...
    @property
    def surveys(self) -> Surveys: ...
    @property
    def agent_name(self) -> AgentName: ...


def build_triage_desks(
    ground: SlackGround | None, levels: ServiceLevels, agent_name: AgentName
) -> Sequence[TicketDesk]:
    """The one there is, or none without a triage channel."""
    if ground is None or not ground.chat.settings.slack.triage_channel:
        return ()
    from bot.channels.slack.posting import Poster
    from bot.channels.slack.triage import SlackTriage
    from bot.channels.slack.triage_channel import TriageChannel

    return [
        SlackTriage(
            ground.calls,
            Poster(ground.calls, ground.chat.store, ground.chat.clock),
            ground.chat.store,
            levels,
            _card(ground),
            agent_name,
            TriageChannel(ground.calls, ground.chat.settings.slack.triage_channel),
            ground.chat.clock,
        )
    ]


def connect_agents(
    ground: SlackGround, hand_over: HandOver, agents: AgentStore
) -> "Sequence[Diversion]":
    """What agents do with cards, and what they write below them; nothing without a triage
    channel."""
    if not ground.chat.settings.slack.triage_channel:
        return ()
    from bot.channels.slack.agents import SlackAgents
    from bot.channels.slack.card import REPLY
    from bot.channels.slack.posting import Poster
    from bot.channels.slack.triage_actions import PREFIX, TriageActions, TriageRefusals
    from bot.channels.slack.triage_channel import TriageChannel
    from bot.channels.slack.triage_thread import TriageThread

    calls, card = ground.calls, _card(ground)
    channel = TriageChannel(calls, ground.chat.settings.slack.triage_channel)
    people, refusals = SlackAgents(calls, agents), TriageRefusals(calls, card)
    casework = hand_over.casework
    actions = TriageActions(calls, casework, people, card, refusals, hand_over.agent_name, channel)
    ground.chat.handlers.add(f"click:{PREFIX}*", actions.handle)
    ground.chat.handlers.add(f"form:{REPLY}", actions.handle_dialog)
    ground.chat.handlers.add_reaction(
        f"click:{REPLY}", lambda event: actions.open_dialog(event.body)
    )
    poster = Poster(calls, ground.chat.store, ground.chat.clock)
    below = TriageThread(calls, casework, poster, people, refusals, channel)

    async def take(said: "Said") -> bool:
        thread = {"thread_ts": said.place.thread} if said.is_reply else {}
        message = {"channel": said.place.channel, "ts": said.key.split("/")[2], "text": said.text}
        files = {"files": said.files, "user": said.user}
        return await below.take(said.place.team, {**message, **thread, **files})

    return [take]


def connect_people(
    ground: SlackGround, hand_over: HandOver, turns: TurnRunner, home: "Home"
) -> "SlackSurveys":
    """How a person is asked for, and how it was afterwards."""
    from bot.channels.slack.locales import Locales
    from bot.channels.slack.posting import Poster
    from bot.channels.slack.support import ASK, COMMAND, PersonButton, SupportCommand
    from bot.channels.slack.survey import SlackSurveys
    from bot.channels.slack.survey_card import MORE, PREFIX

    calls, store, prompts = ground.calls, ground.chat.store, ground.chat.prompts
    poster = Poster(calls, store, ground.chat.clock)
    locale = ground.chat.settings.locale
    requests = PersonRequests(store, turns, prompts, locale)
    locales = Locales(calls, locale)
    support = SupportCommand(
        calls,
        poster,
        store,
        ground.people,
        turns,
        requests,
        prompts,
        locales,
        home,
        ground.chat.clock,
    )
    ground.chat.handlers.add(f"command:{COMMAND}", support.handle)
    ground.chat.handlers.add(
        f"click:{ASK}", PersonButton(calls, store, requests, prompts, locales).handle
    )
    surveys = SlackSurveys(calls, poster, store, hand_over.surveys, prompts, home)
    ground.chat.handlers.add(f"click:{PREFIX}*", surveys.handle)
    ground.chat.handlers.add(f"form:{MORE}", surveys.handle_dialog)
    ground.chat.handlers.add_reaction(
        f"click:{MORE}", lambda event: surveys.open_dialog(event.body)
    )
    if ground.installations is not None:
        from bot.channels.slack.installation import Departures

        departures = Departures(ground.installations)
        ground.chat.handlers.add("app_uninstalled", departures.handle)
        ground.chat.handlers.add("tokens_revoked", departures.handle)
    return surveys


def _card(ground: SlackGround) -> "CardWriter":
    from bot.channels.slack.card import CardWriter

    settings = ground.chat.settings
    return CardWriter(ground.chat.prompts, settings.locale, ZoneInfo(settings.sla.timezone))
