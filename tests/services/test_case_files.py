import pytest

from bot.adapters.memory_store import MemoryStore
from bot.domain.conversation import Author
from bot.domain.survey import Survey, SurveyAnswer
from bot.domain.wrong_answer import WrongAnswer
from bot.services.case_files import CaseFiles
from bot.services.casework import Casework, UnknownTicket
from tests.channels import cases
from tests.fakes import FakePrompts, service_levels


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


async def test_what_the_customer_answered_last_to_a_survey(desk: Desk) -> None:
    earlier = await cases.enact(desk.store, cases.REPEATED, desk.clock)
    ticket = await cases.enact(desk.store, cases.CHARGE, desk.clock)
    assert (await desk.files.open(ticket.id)).survey is None
    survey = Survey(earlier.conversation, 1, earlier.id, cases.MARTA.id)
    await desk.store.add_survey(survey)
    assert (await desk.files.open(ticket.id)).survey is None
    answer = SurveyAnswer(4, 9, "Quick", desk.clock())
    assert await desk.store.answer_survey(earlier.conversation, 1, answer)
    found = (await desk.files.open(ticket.id)).survey
    assert found is not None
    assert (found.csat, found.nps, found.comment) == (4, 9, "Quick")


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
