"""The desk side of each chat program: several triage rooms at once, and none without a channel."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from bot.adapters.memory_agents import MemoryAgents
from bot.adapters.memory_store import MemoryStore
from bot.adapters.prompt_files import PromptFiles
from bot.bootstrap import build_service_levels
from bot.channels.chat.answers import PERSON
from bot.channels.chat.survey_sheet import MORE, RATE
from bot.channels.chat.ticket_sheet import CLAIM, REPLY
from bot.domain.desk_news import name_at_desk
from bot.domain.ticket import TicketEventKind
from bot.sections.chat import ChatSection
from bot.settings import Settings
from bot.wiring.chat import ChatGround, ChatServices, build_ground
from bot.wiring.chat_desk import build_triage_desks, connect_desk
from tests.adapters.desk_contract import delivery_of
from tests.adapters.stores import Clock
from tests.adapters.test_ticket_store import FULL, opened, started
from tests.channels.chat.program import ROOM, FakeProgram

PROMPTS = PromptFiles()
LEVELS = build_service_levels(Settings(), PROMPTS)


async def name(actor: str) -> str | None:
    return name_at_desk(actor)


class Desks:
    """Several programs over one store."""

    def __init__(self) -> None:
        self.store = MemoryStore(Clock())
        self.programs = {"one": FakeProgram(), "other": FakeProgram(has_threads=False)}

    def ground(self, channel: str, triage_channel: str = ROOM) -> ChatGround:
        program = replace(self.programs[channel].program, channel=channel)
        section = ChatSection(triage_channel=triage_channel)
        return build_ground(Settings(), section, self.store, PROMPTS, program, Clock())


def services() -> ChatServices:
    """What is needed of them to wire a desk, and not to work."""
    handed: Any = SimpleNamespace(
        handoffs=SimpleNamespace(cancel=None), casework=None, surveys=None, agent_name=None
    )
    none: Any = None
    return ChatServices(none, none, none, none, handed, MemoryAgents())


async def test_every_room_has_a_card_of_its_own() -> None:
    held = Desks()
    grounds = [held.ground(channel) for channel in held.programs]
    desks = build_triage_desks(grounds, LEVELS, name)
    assert [desk.name for desk in desks] == ["one", "other"]
    ticket = await opened(held.store, await started(held.store), packet=FULL)
    for desk in desks:
        for _ in range(2):
            await desk.deliver(delivery_of(ticket, TicketEventKind.OPENED), ticket, None)
    assert [len(one.wall.cards()) for one in held.programs.values()] == [1, 1]


def test_without_a_triage_channel_there_is_no_desk_and_nobody_claims() -> None:
    held = Desks()
    worked_on, other = held.ground("one"), held.ground("other", triage_channel="")
    assert [one.name for one in build_triage_desks([worked_on, other], LEVELS, name)] == ["one"]
    desks = [connect_desk(each, services()) for each in (worked_on, other)]
    assert [len(desk.diversions) for desk in desks] == [1, 0]
    for kind in (f"click:{CLAIM}", f"form:{REPLY}"):
        assert [each.handlers.knows(kind) for each in (worked_on, other)] == [True, False]
    for kind in (f"click:{PERSON}", f"click:{RATE}.3", f"form:{MORE}"):
        assert all(each.handlers.knows(kind) for each in (worked_on, other))
