"""The Home tab as a view: tickets with what their owner waits for, questions, and the queue."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from bot.channels.slack import elements, mrkdwn
from bot.channels.slack.elements import Block, escape
from bot.domain.conversation import Locale
from bot.domain.knowledge import Citation
from bot.domain.sla import Clocks
from bot.domain.sla_clock import Clock, ClockState
from bot.domain.ticket import Ticket, TicketState
from bot.ports import Prompts
from bot.services.worklist import View, WorklistRow

ACT = "slack_home"
LONGEST_LINE = 150  # characters
LONGEST_ANSWER = 300
MOST_ROWS = 20


@dataclass(frozen=True, slots=True)
class OwnTicket:
    ticket: Ticket
    clocks: Clocks


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, its answer, and where that is from."""

    question: str
    at: datetime
    answer: str = ""
    citations: Sequence[Citation] = ()
    link: str = ""  # to the thread


@dataclass(frozen=True, slots=True)
class Queue:
    rows: Sequence[WorklistRow]
    counts: dict[View, int]
    names: dict[str, str]  # of agents, by id


class HomeView:
    def __init__(self, prompts: Prompts, zone: ZoneInfo, site: str = "") -> None:
        """`zone`: of times where Slack knows no other. `site`: where this server is reached."""
        self._prompts = prompts
        self._zone = zone
        self._site = site.rstrip("/")

    def view(
        self,
        tickets: Sequence[OwnTicket],
        asked: Sequence[Asked],
        queue: Queue | None,
        locale: Locale,
    ) -> Block:
        """`queue`: for agents."""
        blocks = [
            *(self._queue(queue, locale) if queue is not None else ()),
            *self._tickets(tickets, locale),
            *self._answers(asked, locale),
        ]
        return {"type": "home", "blocks": blocks}

    def _tickets(self, tickets: Sequence[OwnTicket], locale: Locale) -> Iterator[Block]:
        say = partial(self._prompts.text, ACT, locale)
        yield elements.header(say("tickets"))
        if not tickets:
            yield elements.section(say("no_tickets"))
        for own in tickets:
            ticket = own.ticket
            yield elements.section(f"{_title(ticket)}\n{self._standing(own, locale)}")

    def _standing(self, own: OwnTicket, locale: Locale) -> str:
        """What its owner waits for."""
        say, ticket, clocks = partial(self._prompts.text, ACT, locale), own.ticket, own.clocks
        if ticket.state is TicketState.RESOLVED:
            return say("resolved")
        if not ticket.state.is_active:
            return say("over")
        first, last = clocks.first_response, clocks.resolution
        if first.met_at is None and first.due is not None:
            late = "answer_late" if first.state is ClockState.BREACHED else "answer_due"
            return say(late, due=self._moment(first.due))
        if ticket.state is TicketState.SNOOZED and ticket.snoozed_until is not None:
            return say("snoozed", due=self._moment(ticket.snoozed_until))
        if first.met_at is None:
            return say("kept")
        if not clocks.waits_for_agent:
            return f"{say('answered')} {say('waits')}"
        if last.due is None:
            return say("answered")
        late = "resolution_late" if last.state is ClockState.BREACHED else "resolution_due"
        return f"{say('answered')} {say(late, due=self._moment(last.due))}"

    def _answers(self, asked: Sequence[Asked], locale: Locale) -> Iterator[Block]:
        say = partial(self._prompts.text, ACT, locale)
        yield elements.header(say("answers"))
        if not asked:
            yield elements.section(say("no_answers"))
        for one in asked:
            title = _line(one.question)
            shown = f"<{one.link}|{title}>" if one.link else title
            answer = [_line(one.answer, LONGEST_ANSWER)] if one.answer else []
            lines = [f"*{shown}*", *answer, *map(self._source, one.citations)]
            yield elements.section("\n".join(lines))
            yield elements.context(self._moment(one.at))

    def _source(self, citation: Citation) -> str:
        url = citation.url
        if url.startswith("/"):
            url = f"{self._site}{url}" if self._site else ""
        return f"• {mrkdwn.link(url, citation.title)}"

    def _queue(self, queue: Queue, locale: Locale) -> Iterator[Block]:
        say = partial(self._prompts.text, ACT, locale)
        yield elements.header(say("queue"))
        if not queue.rows:
            yield elements.section(say("empty_queue"))
            yield {"type": "divider"}
            return
        counts = {
            view.value: str(queue.counts.get(view, 0))
            for view in (View.ALL, View.UNASSIGNED, View.BREACHING)
        }
        yield elements.context(say("queue_counts", **counts))
        for row in queue.rows[:MOST_ROWS]:
            ticket = row.ticket
            facts = [self._holder(ticket, queue, locale), self._due(row, locale)]
            yield elements.section(f"{_title(ticket)}\n{' · '.join(filter(None, facts))}")
        left = len(queue.rows) - MOST_ROWS
        if left > 0:
            yield elements.context(say("more", count=str(left)))
        if self._site:
            button = elements.button("open_inbox", say("inbox"), "inbox")
            yield elements.actions("inbox", [{**button, "url": f"{self._site}/inbox"}])
        yield {"type": "divider"}

    def _holder(self, ticket: Ticket, queue: Queue, locale: Locale) -> str:
        if ticket.assignee is None:
            return self._prompts.text(ACT, locale, "row_free")
        name = queue.names.get(ticket.assignee, "?")
        return self._prompts.text(ACT, locale, "row_agent", agent=escape(name))

    def _due(self, row: WorklistRow, locale: Locale) -> str:
        say, clocks = partial(self._prompts.text, ACT, locale), row.clocks
        clock = next(filter(_is_owed, (clocks.first_response, clocks.resolution)), None)
        if not clocks.waits_for_agent and clocks.first_response.met_at is not None:
            return say("row_waits")
        if clock is None or clock.due is None:
            return ""
        late = clock.state is ClockState.BREACHED
        return say("row_late" if late else "row_due", due=self._moment(clock.due))

    def _moment(self, at: datetime) -> str:
        return elements.moment(at, at.astimezone(self._zone).isoformat(" ", "minutes"))


def _title(ticket: Ticket) -> str:
    return f"*{ticket.label}* {_line(ticket.packet.summary)}"


def _is_owed(clock: Clock) -> bool:
    return clock.met_at is None and clock.due is not None


def _line(text: str, longest: int = LONGEST_LINE) -> str:
    """Of somebody's words, so that nothing in them stands out."""
    return elements.cut(escape(" ".join(text.split())), longest)
