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
    from bot.channels.slack.card import CardWriter
    from bot.channels.slack.listening import Diversion
    from bot.channels.slack.people import SlackPeople
    from bot.channels.slack.survey import Home, SlackSurveys
    from bot.channels.slack.work import Handlers

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
    if ground is None or not ground.settings.slack.triage_channel:
        return ()
    from bot.channels.slack.posting import Poster
    from bot.channels.slack.triage import SlackTriage
    from bot.channels.slack.triage_channel import TriageChannel

    return [
        SlackTriage(
            ground.calls,
            Poster(ground.calls, ground.store, ground.clock),
            ground.store,
            levels,
            _card(ground),
            agent_name,
            TriageChannel(ground.calls, ground.settings.slack.triage_channel),
            ground.clock,
        )
    ]


def connect_agents(
    ground: SlackGround, handlers: "Handlers", hand_over: HandOver, agents: AgentStore
) -> "Sequence[Diversion]":
    """What agents do with cards, and what they write below them; nothing without a triage
    channel."""
    if not ground.settings.slack.triage_channel:
        return ()
    from bot.channels.slack.agents import SlackAgents
    from bot.channels.slack.card import REPLY
    from bot.channels.slack.posting import Poster
    from bot.channels.slack.triage_actions import PREFIX, TriageActions, TriageRefusals
    from bot.channels.slack.triage_channel import TriageChannel
    from bot.channels.slack.triage_thread import TriageThread

    calls, card = ground.calls, _card(ground)
    channel = TriageChannel(calls, ground.settings.slack.triage_channel)
    people, refusals = SlackAgents(calls, agents), TriageRefusals(calls, card)
    casework = hand_over.casework
    actions = TriageActions(calls, casework, people, card, refusals, hand_over.agent_name, channel)
    handlers.add(f"action:{PREFIX}*", actions.handle)
    handlers.add(f"view:{REPLY}", actions.handle_dialog)
    handlers.add_reaction(f"action:{REPLY}", actions.open_dialog)
    poster = Poster(calls, ground.store, ground.clock)
    below = TriageThread(calls, casework, poster, people, refusals, channel)
    return [below.take]


def connect_people(
    ground: SlackGround,
    handlers: "Handlers",
    hand_over: HandOver,
    turns: TurnRunner,
    people: "SlackPeople",
    home: "Home",
) -> "SlackSurveys":
    """How a person is asked for, and how it was afterwards."""
    from bot.channels.slack.locales import Locales
    from bot.channels.slack.posting import Poster
    from bot.channels.slack.support import ASK, COMMAND, PersonButton, SupportCommand
    from bot.channels.slack.survey import SlackSurveys
    from bot.channels.slack.survey_card import MORE, PREFIX

    calls, store, prompts = ground.calls, ground.store, ground.prompts
    poster = Poster(calls, store, ground.clock)
    locale = ground.settings.locale
    requests = PersonRequests(store, turns, prompts, locale)
    locales = Locales(calls, locale)
    support = SupportCommand(
        calls,
        poster,
        store,
        people,
        turns,
        requests,
        prompts,
        locales,
        home,
        ground.clock,
    )
    handlers.add(f"command:{COMMAND}", support.handle)
    handlers.add(f"action:{ASK}", PersonButton(calls, store, requests, prompts, locales).handle)
    surveys = SlackSurveys(calls, poster, store, hand_over.surveys, prompts, home)
    handlers.add(f"action:{PREFIX}*", surveys.handle)
    handlers.add(f"view:{MORE}", surveys.handle_dialog)
    handlers.add_reaction(f"action:{MORE}", surveys.open_dialog)
    if ground.installations is not None:
        from bot.channels.slack.installation import Departures

        departures = Departures(ground.installations)
        handlers.add("app_uninstalled", departures.handle)
        handlers.add("tokens_revoked", departures.handle)
    return surveys


def _card(ground: SlackGround) -> "CardWriter":
    from bot.channels.slack.card import CardWriter

    settings = ground.settings
    return CardWriter(ground.prompts, settings.locale, ZoneInfo(settings.sla.timezone))
