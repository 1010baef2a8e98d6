"""The part of bootstrap that builds what agents do in a chat program, how a person is asked for
there, and how it was."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.ports import Courier, TicketDesk
from bot.services.person_requests import PersonRequests
from bot.services.sla import ServiceLevels
from bot.services.turns import TurnRunner
from bot.wiring.chat import AgentName, ChatGround, ChatServices

if TYPE_CHECKING:
    from bot.channels.chat.listening import Diversion
    from bot.channels.chat.survey import ChatSurveys, Home
    from bot.channels.chat.ticket_sheet import TicketSheets
    from bot.channels.chat.triage_room import TriageRoom


@dataclass(frozen=True, slots=True)
class ChatDesk:
    surveys: "ChatSurveys"
    diversions: "Sequence[Diversion]"  # what is said to tickets, and is nobody's question

    def asking(self, courier: Courier) -> Courier:
        """Whose customers are asked how it was."""
        from bot.channels.chat.survey import AskingCourier

        return AskingCourier(courier, self.surveys.offer)


def build_triage_desks(
    grounds: Sequence[ChatGround], levels: ServiceLevels, agent_name: AgentName
) -> Sequence[TicketDesk]:
    """Of those with a triage channel."""
    return [
        _build_triage(ground, levels, agent_name)
        for ground in grounds
        if ground.section.triage_channel
    ]


def connect_desk(
    ground: ChatGround, services: ChatServices, home: "Home | None" = None
) -> ChatDesk:
    """`home`: where a conversation goes on that only its asker sees."""
    _connect_person(ground, services)
    surveys = _connect_surveys(ground, services, home)
    is_worked_on = bool(ground.section.triage_channel)
    return ChatDesk(surveys, _connect_agents(ground, services) if is_worked_on else ())


def build_requests(ground: ChatGround, turns: TurnRunner) -> PersonRequests:
    return PersonRequests(ground.store, turns, ground.prompts, ground.settings.locale)


def _build_triage(ground: ChatGround, levels: ServiceLevels, agent_name: AgentName) -> TicketDesk:
    from bot.channels.chat.triage import TriageDesk

    program = ground.program
    return TriageDesk(
        program.channel,
        program.wall,
        ground.poster,
        ground.store,
        levels,
        _sheets(ground),
        agent_name,
        _room(ground),
        ground.clock,
    )


def _connect_agents(ground: ChatGround, services: ChatServices) -> "Sequence[Diversion]":
    """What agents do with cards, and what they write below them."""
    from bot.channels.chat.agents import ChatAgents
    from bot.channels.chat.ticket_sheet import REPLY
    from bot.channels.chat.triage_actions import PREFIX, TriageActions, TriageRefusals
    from bot.channels.chat.triage_thread import TriageThread

    program, handlers = ground.program, ground.handlers
    casework, agent_name = services.hand_over.casework, services.hand_over.agent_name
    sheets, room = _sheets(ground), _room(ground)
    people = ChatAgents(program.channel, program.people, services.agents)
    refusals = TriageRefusals(program.wall, sheets)
    actions = TriageActions(program, casework, people, sheets, refusals, agent_name, room)
    handlers.add(f"click:{PREFIX}*", actions.handle)
    handlers.add(f"form:{REPLY}", actions.handle_form)
    handlers.add_reaction(f"click:{REPLY}", actions.open_form)
    below = TriageThread(
        program.channel,
        program.wall,
        casework,
        ground.store,
        ground.poster,
        people,
        refusals,
        room,
    )
    return [below.take]


def _connect_person(ground: ChatGround, services: ChatServices) -> None:
    from bot.channels.chat.answers import CANCEL, PERSON
    from bot.channels.chat.support import PersonButtons

    requests, cancel = build_requests(ground, services.turns), services.hand_over.handoffs.cancel
    buttons = PersonButtons(ground.program, ground.store, requests, cancel, ground.prompts)
    ground.handlers.add(f"click:{PERSON}", buttons.ask)
    ground.handlers.add(f"click:{CANCEL}", buttons.cancel)


def _connect_surveys(
    ground: ChatGround, services: ChatServices, home: "Home | None"
) -> "ChatSurveys":
    from bot.channels.chat.survey import ChatSurveys
    from bot.channels.chat.survey_sheet import MORE, PREFIX

    asked = services.hand_over.surveys
    surveys = ChatSurveys(ground.program, ground.poster, ground.store, asked, ground.prompts, home)
    ground.handlers.add(f"click:{PREFIX}*", surveys.handle)
    ground.handlers.add(f"form:{MORE}", surveys.handle_form)
    ground.handlers.add_reaction(f"click:{MORE}", surveys.open_form)
    return surveys


def _sheets(ground: ChatGround) -> "TicketSheets":
    from bot.channels.chat.ticket_sheet import TicketSheets

    settings = ground.settings
    return TicketSheets(ground.prompts, settings.locale, ZoneInfo(settings.sla.timezone))


def _room(ground: ChatGround) -> "TriageRoom":
    from bot.channels.chat.triage_room import TriageRoom

    return TriageRoom(ground.section.triage_channel, ground.program.people)
