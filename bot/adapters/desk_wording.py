"""A ticket as people read it at a desk elsewhere: a subject, one note, and what happened since."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from bot.domain.conversation import Locale, Message
from bot.domain.desk_history import SPOKEN, TOLD
from bot.domain.desk_news import acts_at, is_at_desk, name_at_desk
from bot.domain.knowledge import Citation
from bot.domain.packet import Packet, TranscriptLine
from bot.domain.ticket import Ticket, TicketEventKind
from bot.ports import Prompts

ACT = "desk"
LONGEST_SUBJECT = 150  # characters
LONGEST_NOTE = 30_000  # characters; the desks take at least twice that
# What is said of the same by somebody at another desk.
ELSEWHERE = {
    TicketEventKind.AGENT_REPLIED: "replied_elsewhere",
    TicketEventKind.NOTED: "noted_elsewhere",
}
CLOCK = frozenset({TicketEventKind.SLA_WARNED, TicketEventKind.SLA_BREACHED})
OVER = frozenset(
    {
        TicketEventKind.RESOLVED,
        TicketEventKind.RETURNED,
        TicketEventKind.CANCELLED,
        TicketEventKind.MERGED,
    }
)
# What somebody has to look at, so that it opens a new ticket where the desk closed the one it had
# for good. The rest of what happens to such a ticket is in our inbox alone.
REVIVES = frozenset(
    {
        TicketEventKind.CUSTOMER_WROTE,
        TicketEventKind.REOPENED,
        TicketEventKind.ABSORBED,
        TicketEventKind.CONTACT_LEFT,
    }
)


class DeskWording:
    def __init__(
        self, prompts: Prompts, locale: Locale, zone: ZoneInfo, *, tells_clock: bool = True
    ) -> None:
        """In the language and time zone of the agents. `tells_clock`: the desk hears of promised
        times and of those that passed, as it has no clock of its own."""
        self._say = partial(prompts.text, ACT, locale)
        self._zone = zone
        self._tells_clock = tells_clock

    def tells(self, kind: TicketEventKind) -> bool:
        return kind in TOLD and (self._tells_clock or kind not in CLOCK)

    def is_news(
        self, kind: TicketEventKind, message: Message | None, desk: str, *, is_closed: bool = False
    ) -> bool:
        """Whether that desk has to be told. `is_closed`: its ticket takes nothing any more."""
        if message is not None and acts_at(message.agent, desk):
            return False  # it was said there
        return self.tells(kind) and (not is_closed or kind in REVIVES)

    def subject(self, ticket: Ticket) -> str:
        summary = self.summary(ticket)
        return cut(self._say("subject", ticket=ticket.label, summary=summary), LONGEST_SUBJECT)

    def summary(self, ticket: Ticket) -> str:
        """In one line, where the ticket's number stands already."""
        return cut(" ".join(ticket.packet.summary.split()), LONGEST_SUBJECT)

    def event(self, kind: TicketEventKind, ticket: Ticket, message: Message | None) -> str:
        """One of TOLD, with what was said in it."""
        author = (message.agent if message else None) or ""
        words = ELSEWHERE.get(kind) if is_at_desk(author) else None
        text = self._say(
            words or TOLD[kind],
            agent=name_at_desk(author) or self._say("agent"),
            priority=ticket.priority.value,
            contact=ticket.contact or "",
        )
        if message is None or kind not in SPOKEN:
            return text
        return f"{text}\n\n{cut(message.text, LONGEST_NOTE)}"

    def follows(self, reference: str) -> str:
        return self._say("follows", reference=reference)

    def note(self, ticket: Ticket) -> str:
        """The packet and the conversation, whole or shortened at the end."""
        parts = ["\n".join(self._head(ticket)), *self._body(ticket.packet)]
        text = "\n\n".join((*parts, self.transcript(ticket.packet.transcript)))
        if len(text) <= LONGEST_NOTE:
            return text
        return f"{cut(text, LONGEST_NOTE)}\n\n{self._say('left_out')}"

    def transcript(self, lines: Sequence[TranscriptLine]) -> str:
        return "\n".join((f"## {self._say('transcript')}", *map(self._line, lines)))

    def due(self, moment: datetime) -> str:
        return moment.astimezone(self._zone).isoformat(" ", "minutes")

    def _head(self, ticket: Ticket) -> Iterator[str]:
        packet, asker = ticket.packet, ticket.packet.requester
        known = [part for part in (asker.name, asker.organisation) if part]
        proof = self._say("verified" if asker.verified else "unverified")
        who = ", ".join(known) or self._say("nobody")
        yield self._say("who", who=f"{who} ({proof})")
        yield self._say(
            "about", tier=ticket.tier.value, language=packet.locale.value, channel=packet.channel
        )
        if packet.page:
            yield self._say("page", page=packet.page)
        yield self._say("reason", reason=self._say(ticket.reason.value))
        if self._tells_clock and ticket.first_response_due:
            yield self._say("due", due=self.due(ticket.first_response_due))
        if ticket.contact:
            yield self._say("contact", contact=ticket.contact)

    def _body(self, packet: Packet) -> Iterator[str]:
        draft = [packet.draft.text, *map(_source, packet.draft.citations)]
        similar = [f"- {one.label}: {one.summary}\n  {one.resolution}" for one in packet.similar]
        sections: Mapping[str, Sequence[str]] = {
            "wants": [packet.summary],
            "asks": [f"- {ask}" for ask in packet.asks],
            "step": [packet.next_step],
            "draft": draft if packet.draft.text else [],
            "found": [f"- {one.title} ({one.path})\n  {one.excerpt}" for one in packet.unused],
            "similar": similar,
        }
        for name, lines in sections.items():
            if any(lines):
                yield "\n".join((f"## {self._say(name)}", *lines))

    def _line(self, line: TranscriptLine) -> str:
        at = line.at.astimezone(self._zone).strftime("%Y-%m-%d %H:%M")
        said = f"[{at}] {self._say(line.author.value)}: {line.text}"
        if not line.citations:
            return said
        sources = "; ".join(map(_source, line.citations))
        return f"{said}\n    {self._say('sources')}: {sources}"


def cut(text: str, characters: int) -> str:
    return text if len(text) <= characters else f"{text[: characters - 1]}…"


def _source(citation: Citation) -> str:
    return f"[{citation.n}] {citation.title} {citation.url}"
