from datetime import timedelta

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.bootstrap import build
from bot.domain.conversation import Author, Locale, Message, now
from bot.domain.reply import Reply, Silence
from bot.domain.survey import Survey, SurveyAnswer
from bot.domain.understanding import Tone, ToneLabel
from bot.domain.wrong_answer import WrongAnswer
from bot.services.case_files import CaseFiles
from bot.services.casework import Casework, UnknownTicket
from bot.settings import Settings
from tests.channels import cases
from tests.fakes import FakePrompts, service_levels, trace_of


class Desk:
    def __init__(self) -> None:
        self.clock = cases.SceneClock()
        self.store = MemoryStore(self.clock)
        self.casework = Casework(self.store, FakePrompts(), clock=self.clock)
        self.files = CaseFiles(self.store, service_levels(FakePrompts()), self.clock)


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_everything_about_a_ticket(desk: Desk) -> None:
    ticket = await cases.enact(desk.store, cases.CHARGE, desk.clock)
    await desk.casework.note(ticket.id, "a-1", "Ask billing first.")
    case = await desk.files.open(ticket.id)
    assert case.customer == cases.MARTA
    assert len(case.messages) == 7
    assert set(case.replies) == {m.id for m in case.messages if m.author is Author.BOT}
    assert [note.text for note in case.notes] == ["Ask billing first."]
    assert case.clocks.waits_for_agent
    assert case.clocks.first_response.due is not None
    await desk.casework.reply(ticket.id, "a-1", "I am looking into it.", "k")
    assert not (await desk.files.open(ticket.id)).clocks.waits_for_agent


async def test_other_tickets_of_the_customer(desk: Desk) -> None:
    earlier = await cases.enact(desk.store, cases.REPEATED, desk.clock)
    other = await cases.enact(desk.store, cases.EXPORT, desk.clock)
    ticket = await cases.enact(desk.store, cases.CHARGE, desk.clock)
    case = await desk.files.open(ticket.id)
    assert [one.id for one in case.others] == [earlier.id]
    assert case.duplicates == case.others
    await desk.casework.resolve(earlier.id, "a-1")
    case = await desk.files.open(ticket.id)
    assert [one.id for one in case.others] == [earlier.id]
    assert case.duplicates == []
    assert (await desk.files.open(other.id)).others == []


async def test_tickets_that_events_speak_of_have_their_labels(desk: Desk) -> None:
    ticket = await cases.enact(desk.store, cases.CHARGE, desk.clock)
    other = await cases.enact(desk.store, cases.REPEATED, desk.clock)
    await desk.casework.merge(ticket.id, "a-1", other.id)
    assert (await desk.files.open(ticket.id)).labels == {other.id: other.label}
    assert (await desk.files.open(other.id)).labels == {ticket.id: ticket.label}


async def test_what_the_customer_answered_to_a_survey(desk: Desk) -> None:
    earlier = await cases.enact(desk.store, cases.REPEATED, desk.clock)
    ticket = await cases.enact(desk.store, cases.CHARGE, desk.clock)
    survey = Survey(earlier.conversation, 1, earlier.id, cases.MARTA.id)
    await desk.store.add_survey(survey)
    assert (await desk.files.open(earlier.id)).survey is None
    answer = SurveyAnswer(4, 9, "Quick", desk.clock())
    assert await desk.store.answer_survey(earlier.conversation, 1, answer)
    found = (await desk.files.open(earlier.id)).survey
    assert found is not None
    assert (found.csat, found.nps, found.comment) == (4, 9, "Quick")
    later = await desk.files.open(ticket.id)
    assert later.survey is None
    assert [(one.csat, one.nps, one.comment) for one in later.others] == [(4, 9, "Quick")]
    assert later.profile is not None
    assert (later.profile.csat, later.profile.nps) == (4.0, 9)


async def say(desk: Desk, conversation: str, text: str) -> Message:
    """As the last word so far, a minute before the next one."""
    said_at = now() + timedelta(minutes=len(desk.store._by_id))
    message = Message(conversation, Author.CUSTOMER, text, created_at=said_at)
    await desk.store.accept(message)
    desk.clock.time = said_at + timedelta(minutes=1)
    return message


async def test_what_was_merged_is_one_story(desk: Desk) -> None:
    twice = await cases.enact(desk.store, cases.REPEATED, desk.clock)
    ticket = await cases.enact(desk.store, cases.CHARGE, desk.clock)
    own = (await desk.files.open(ticket.id)).messages
    await desk.casework.merge(twice.id, "a-1", ticket.id)
    await say(desk, twice.conversation, "Any news over here?")
    await desk.casework.reply(ticket.id, "a-1", "We refund it.", "k")
    case = await desk.files.open(ticket.id)
    assert [each.label for each in case.places.values()] == [ticket.label, twice.label]
    assert [message for message in case.messages if message in own] == own
    assert [m.created_at for m in case.messages] == sorted(m.created_at for m in case.messages)
    texts = [message.text for message in case.messages]
    assert texts.count("We refund it.") == 1
    assert texts[-2:] == ["Any news over here?", "We refund it."]
    assert {line.message for line in twice.packet.transcript} <= {m.id for m in case.messages}
    assert not case.clocks.waits_for_agent
    wrong = twice.packet.transcript[1].message
    assert wrong in case.replies
    assert await desk.files.mark_wrong(ticket.id, WrongAnswer(wrong, "a-1"))


async def test_of_a_merged_conversation_what_came_later_is_left_out(desk: Desk) -> None:
    twice = await cases.enact(desk.store, cases.REPEATED, desk.clock)
    ticket = await cases.enact(desk.store, cases.CHARGE, desk.clock)
    await desk.casework.merge(twice.id, "a-1", ticket.id)
    await desk.casework.resolve(ticket.id, "a-1")
    conversation = await desk.store.conversation(twice.conversation)
    assert conversation is not None
    handoffs = build(Settings(), store=desk.store).hand_over.handoffs
    await handoffs.take_over(conversation, "a-1", Locale.EN)
    await say(desk, twice.conversation, "Something else")
    texts = [message.text for message in (await desk.files.open(ticket.id)).messages]
    assert "recurring task, other project???" in texts
    assert "Something else" not in texts


async def test_what_comes_back_to_its_own_conversation_stands_once(desk: Desk) -> None:
    first = await cases.enact(desk.store, cases.REPEATED, desk.clock)
    second = await cases.enact(desk.store, cases.CHARGE, desk.clock)
    await desk.casework.merge(first.id, "a-1", second.id)
    await desk.casework.resolve(second.id, "a-1")
    conversation = await desk.store.conversation(first.conversation)
    assert conversation is not None
    handoffs = build(Settings(), store=desk.store).hand_over.handoffs
    third = await handoffs.take_over(conversation, "a-1", Locale.EN)
    await desk.casework.reopen(second.id, "a-1")
    await desk.casework.merge(second.id, "a-1", third.id)
    case = await desk.files.open(third.id)
    assert list(case.places) == [first.conversation, second.conversation]
    assert case.places[first.conversation].id == third.id
    ids = [message.id for message in case.messages]
    assert len(ids) == len(set(ids))


async def test_tone_is_heard_after_the_hand_over(desk: Desk) -> None:
    ticket = await cases.enact(desk.store, cases.CHARGE, desk.clock)
    angry = Tone(ToneLabel.ANGRY, 0.97, ("shouting",))
    message = await say(desk, ticket.conversation, "HELLO???")
    await desk.store.claim(message.id, "w", now() + timedelta(days=1))
    reply = Reply(Silence(), Locale.EN, angry, message="0" * 32, conversation=ticket.conversation)
    assert await desk.store.finish(message.id, "w", reply, trace_of(message)) is not None
    tones = (await desk.files.open(ticket.id)).tones
    assert tones[message.id] == angry
    assert [tone.label for tone in tones.values()] == ["calm", "frustrated", "angry", "angry"]


async def test_visitor_is_nobody_known(desk: Desk) -> None:
    ticket = await cases.enact(desk.store, cases.VISITOR, desk.clock)
    case = await desk.files.open(ticket.id)
    assert case.customer is None
    assert case.others == []


async def test_unknown_ticket(desk: Desk) -> None:
    with pytest.raises(UnknownTicket):
        await desk.files.open("0" * 32)
    with pytest.raises(UnknownTicket):
        await desk.files.mark_wrong("0" * 32, WrongAnswer("m", "a-1"))


async def test_only_the_bots_own_answers_of_the_ticket_can_be_wrong(desk: Desk) -> None:
    ticket = await cases.enact(desk.store, cases.CHARGE, desk.clock)
    other = await cases.enact(desk.store, cases.EXPORT, desk.clock)
    said = (await desk.files.open(ticket.id)).messages
    marks = {
        message.id: await desk.files.mark_wrong(ticket.id, WrongAnswer(message.id, "a-1"))
        for message in said
    }
    assert marks == {message.id: message.author is Author.BOT for message in said}
    elsewhere = (await desk.files.open(other.id)).messages[1]
    assert elsewhere.author is Author.BOT
    assert not await desk.files.mark_wrong(ticket.id, WrongAnswer(elsewhere.id, "a-1"))
    assert not await desk.files.mark_wrong(ticket.id, WrongAnswer("0" * 32, "a-1"))
    assert set((await desk.files.open(ticket.id)).wrong) == {
        message.id for message in said if message.author is Author.BOT
    }
