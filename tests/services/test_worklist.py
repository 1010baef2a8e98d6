from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.adapters.memory_agents import MemoryAgents
from bot.adapters.memory_store import MemoryStore
from bot.domain.agent import Agent
from bot.domain.audit import AuditEvent
from bot.domain.conversation import Author, Locale, Message, now
from bot.domain.desk_news import actor_at
from bot.domain.reply import Reply, Silence
from bot.domain.ticket import Ticket
from bot.domain.ticket_queue import QueueFilter
from bot.domain.understanding import Tone, ToneLabel
from bot.ports import AgentChange
from bot.services.casework import Casework
from bot.services.worklist import Sight, View, Worklist
from tests.channels import cases
from tests.fakes import FakePrompts, service_levels, trace_of

LI = Agent("li@example.com", "Li", team="billing")
SAM = Agent("sam@example.com", "Sam", team="billing")
KIM = Agent("kim@example.com", "Kim")


class Desk:
    def __init__(self) -> None:
        self.clock = cases.SceneClock()
        self.store = MemoryStore(self.clock)
        self.agents = MemoryAgents()
        prompts = FakePrompts()
        self.casework = Casework(self.store, prompts, clock=self.clock)
        self.worklist = Worklist(self.store, self.agents, service_levels(prompts), self.clock)

    async def enact(self, scene: cases.Scene) -> Ticket:
        return await cases.enact(self.store, scene, self.clock)

    async def hear(self, conversation: str, text: str, tone: Tone) -> None:
        message = Message(conversation, Author.CUSTOMER, text)
        await self.store.accept(message)
        await self.store.claim(message.id, "w", now() + timedelta(days=1))
        reply = Reply(Silence(), Locale.EN, tone, message="0" * 32, conversation=conversation)
        assert await self.store.finish(message.id, "w", reply, trace_of(message)) is not None

    async def look(self, view: View, agent: Agent = LI, search: str = "") -> Sight:
        return await self.worklist.look(view, agent, search)


def labels(sight: Sight) -> list[str]:
    return [row.ticket.label for row in sight.rows]


@pytest.fixture
async def desk() -> Desk:
    desk = Desk()
    for agent in (LI, SAM, KIM):
        event = AuditEvent(agent.id, "agent.added", agent.id)
        await desk.agents.apply(AgentChange(agent, None, event))
    return desk


async def test_nothing_at_all(desk: Desk) -> None:
    sight = await desk.look(View.ALL)
    assert sight.rows == []
    assert set(sight.counts.values()) == {0}


async def test_views_and_their_counts(desk: Desk) -> None:
    mine = await desk.enact(cases.EXPORT)
    nobodys = await desk.enact(cases.VISITOR)
    colleagues = await desk.enact(cases.LOST)
    late = await desk.enact(cases.SINGLE_SIGN_ON)
    asleep = await desk.enact(cases.REPEATED)
    done = await desk.enact(cases.CHARGE)
    await desk.casework.claim(mine.id, LI.id)
    await desk.casework.claim(colleagues.id, SAM.id)
    await desk.casework.claim(late.id, KIM.id)
    await desk.casework.reply(asleep.id, LI.id, "Until tomorrow, then.", "k")
    await desk.casework.snooze(asleep.id, LI.id, desk.clock() + timedelta(hours=1))
    await desk.casework.resolve(done.id, LI.id)
    seen = {view: labels(await desk.look(view)) for view in View}
    assert seen == {
        View.MINE: [mine.label],
        View.UNASSIGNED: [nobodys.label],
        View.BREACHING: [late.label],
        View.TEAM: [colleagues.label, mine.label],
        View.ALL: [late.label, colleagues.label, mine.label, nobodys.label],
        View.SNOOZED: [asleep.label],
        View.RESOLVED: [done.label],
    }
    counts = (await desk.look(View.ALL)).counts
    assert counts == {view: len(found) for view, found in seen.items()}


async def test_a_ticket_of_somebody_who_left_waits_for_another(desk: Desk) -> None:
    ticket = await desk.enact(cases.EXPORT)
    await desk.casework.claim(ticket.id, KIM.id)
    assert labels(await desk.look(View.UNASSIGNED)) == []
    event = AuditEvent(LI.id, "agent.disable", KIM.id)
    await desk.agents.apply(AgentChange(replace(KIM, active=False), KIM, event))
    assert labels(await desk.look(View.UNASSIGNED)) == [ticket.label]


async def test_a_ticket_that_is_worked_on_at_a_desk_elsewhere_is_not_free(desk: Desk) -> None:
    ticket = await desk.enact(cases.EXPORT)
    await desk.casework.claim(ticket.id, actor_at("zendesk", "Jun"))
    assert labels(await desk.look(View.UNASSIGNED)) == []
    assert labels(await desk.look(View.ALL)) == [ticket.label]


async def test_without_a_team_there_is_none_to_see(desk: Desk) -> None:
    ticket = await desk.enact(cases.EXPORT)
    await desk.casework.claim(ticket.id, KIM.id)
    assert labels(await desk.look(View.TEAM, KIM)) == []


async def test_who_waits_comes_before_who_is_waited_for(desk: Desk) -> None:
    answered = await desk.enact(cases.SINGLE_SIGN_ON)  # due sooner
    waiting = await desk.enact(cases.VISITOR)
    await desk.casework.reply(answered.id, LI.id, "Could you try again?", "k")
    assert labels(await desk.look(View.ALL)) == [waiting.label, answered.label]


async def test_a_snoozed_ticket_without_an_answer_is_seen_when_it_is_late(desk: Desk) -> None:
    ticket = await desk.enact(cases.CHARGE)
    await desk.casework.snooze(ticket.id, LI.id, desk.clock() + timedelta(days=9))
    assert labels(await desk.look(View.BREACHING)) == [ticket.label]
    assert labels(await desk.look(View.SNOOZED)) == [ticket.label]
    assert labels(await desk.look(View.ALL)) == []


async def test_answered_in_time_is_not_breaching(desk: Desk) -> None:
    ticket = await desk.enact(cases.CHARGE)  # 8 minutes before its first answer is due
    assert labels(await desk.look(View.BREACHING)) == [ticket.label]
    await desk.casework.reply(ticket.id, LI.id, "I am looking into it.", "k")
    assert labels(await desk.look(View.BREACHING)) == []


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", 2),
        ("oliveira", 1),
        ("MARTA atlas", 1),
        ("t-2", 1),
        ("忘记", 1),
        ("marta 忘记", 0),
        ("marta@", 1),
        ("   ", 2),
    ],
)
async def test_search_wants_every_word(desk: Desk, search: str, found: int) -> None:
    await desk.enact(cases.CHARGE)
    await desk.enact(cases.VISITOR)
    sight = await desk.look(View.ALL, search=search)
    assert len(sight.rows) == found
    assert sight.counts[View.ALL] == 2


async def test_too_many_tickets_hide_those_that_wait_least(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.services.worklist.MOST_ACTIVE", 1)
    scenes = [await desk.enact(scene) for scene in (cases.EXPORT, cases.VISITOR)]
    (row,) = (await desk.look(View.ALL)).rows
    rows = await desk.store.queue(QueueFilter())
    assert len(rows) == len(scenes)
    assert row.queued.last_message_at == min(each.last_message_at for each in rows)


async def test_tone_goes_on_after_the_hand_over(desk: Desk) -> None:
    ticket = await desk.enact(cases.CHARGE)
    other = await desk.enact(cases.EXPORT)
    calm = Tone(ToneLabel.CALM, 0.1)
    await desk.hear(ticket.conversation, "OK, thanks.", calm)
    courses = {row.ticket.id: row.course for row in (await desk.look(View.ALL)).rows}
    assert [tone.label for tone in courses[ticket.id]] == ["calm", "frustrated", "angry", "calm"]
    assert courses[ticket.id][-1] == calm
    assert [tone.label for tone in courses[other.id]] == ["calm"] * 3


async def test_the_tone_of_merged_conversations_belongs_to_the_row(desk: Desk) -> None:
    absorbed = await desk.enact(cases.CHARGE)
    ticket = await desk.enact(cases.REPEATED)
    both = [tone for row in (await desk.look(View.ALL)).rows for tone in row.course]
    await desk.casework.merge(absorbed.id, LI.id, ticket.id)
    (row,) = (await desk.look(View.ALL)).rows
    assert Counter(row.course) == Counter(both)
    furious = Tone(ToneLabel.ANGRY, 0.97)
    await desk.hear(absorbed.conversation, "Still nothing!", furious)
    (row,) = (await desk.look(View.ALL)).rows
    assert row.course[-1] == furious
