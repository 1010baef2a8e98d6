"""A ticket as agents see it in a chat program: its card, what stands below, the form to reply."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from bot.channels.chat.markdown import readable
from bot.channels.chat.sheet import (
    Button,
    Buttons,
    Confirmation,
    Facts,
    Form,
    Heading,
    Paragraph,
    Sheet,
    Small,
    TextField,
    Tick,
)
from bot.channels.chat.text import Bold, Faint, Line, Link, Moment, Words, plain_line
from bot.domain.conversation import Author, Locale
from bot.domain.desk_history import SPOKEN, TOLD
from bot.domain.knowledge import Citation
from bot.domain.packet import Packet, TranscriptLine
from bot.domain.sla import Clocks
from bot.domain.sla_clock import Clock, ClockName, ClockState
from bot.domain.ticket import Ticket, TicketEventKind, TicketState
from bot.ports import Prompts

ACT = "chat_desk"
PACKET_ACT = "desk"  # the words of the packet are those of all desks
CLAIM, REPLY, RESOLVE, REOPEN, RETURN = (
    f"ticket.{name}" for name in ("claim", "reply", "resolve", "reopen", "return")
)
TEXT, RESOLVES = "text", "resolves"  # of the form
NOTE_MARK = "//"
LONGEST_ASKS = 6
# What is said below the card of what happened; all else is seen on the card.
TOLD_BELOW: Mapping[TicketEventKind, str] = {
    kind: name for kind, name in TOLD.items() if kind is not TicketEventKind.PRIORITISED
}
LOUD = frozenset({TicketEventKind.SLA_BREACHED})
_MARKS = {
    ClockState.RUNNING: "⏳",
    ClockState.PAUSED: "⏸️",
    ClockState.MET: "✅",
    ClockState.BREACHED: "🔴",
}


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket as it stands when its card is drawn."""

    ticket: Ticket
    clocks: Clocks
    assignee: str | None = None  # as agents call them
    link: str = ""  # to the conversation, where agents can open it
    is_flat: bool = False  # nothing can be put below a post
    goes_on_in: str = ""  # the label of the ticket that it was merged into


class TicketSheets:
    def __init__(self, prompts: Prompts, locale: Locale, zone: ZoneInfo) -> None:
        """In the language of the agents. `zone`: of times where the program knows no other."""
        self._words = Words(prompts, ACT, locale)
        self._word = partial(prompts.text, PACKET_ACT, locale)
        self._names = frozenset(prompts.names(ACT, locale))
        self._zone = zone

    def card(self, view: TicketView) -> Sheet:
        ticket = view.ticket
        words = self._words
        buttons = self._buttons(ticket)
        rule = words.line(
            "rule_flat" if view.is_flat else "rule", mark=NOTE_MARK, ticket=ticket.label
        )
        return Sheet(
            _title(ticket),
            (
                Heading(_title(ticket)),
                Facts(tuple(self._facts(view))),
                Paragraph(tuple(self._asked(ticket.packet))),
                Paragraph(tuple(self._standing(view))),
                *([Buttons("ticket", tuple(buttons))] if buttons else []),
                *([Small((rule,))] if ticket.state.is_active else []),
            ),
        )

    def packet(self, ticket: Ticket) -> Sheet:
        """What stands first below the card, of any length."""
        advice = map(Paragraph, self._advice(ticket.packet))
        transcript = Paragraph(tuple(self._transcript(ticket.packet.transcript)))
        return Sheet(_title(ticket), (*advice, transcript))

    def event(
        self,
        kind: TicketEventKind,
        ticket: Ticket,
        actor: str | None,
        text: str,
        other: str = "",
    ) -> Sheet:
        """One of TOLD_BELOW, with what was said in it. `actor`: their name. `other`: the label of
        the ticket that it was merged with."""
        told = self._words.line(
            TOLD_BELOW[kind],
            agent=actor or self._word("agent"),
            contact=ticket.contact or "",
            other=other,
        )
        if kind in LOUD:  # it is read where the card is not
            told = (f"{ticket.label}: ", *told)
        lines: tuple[Line, ...] = (told, (text,)) if kind in SPOKEN and text else (told,)
        notice = "\n".join(map(plain_line, lines))
        return Sheet(notice, (Paragraph(lines),), is_loud=kind in LOUD)

    def first(self, pages: Sequence[Sheet], most: int) -> Sequence[Sheet]:
        """Of what takes several posts, and that there was more."""
        if len(pages) <= most:
            return pages
        left_out = Small(((Faint(self._word("left_out")),),))
        last = pages[most - 1]
        return [*pages[: most - 1], replace(last, parts=(*last.parts, left_out))]

    def reply_form(self, ticket: Ticket, draft: str) -> Form:
        say = self._words.text
        return Form(
            REPLY,
            ticket.id,
            say("reply_title", ticket=ticket.label),
            say("send"),
            say("close"),
            (
                TextField(TEXT, say("reply_label"), draft),
                Tick(RESOLVES, say("then"), say("and_resolve")),
            ),
            intro=_line(ticket.packet.summary),
        )

    def refusal(self, why: str, **values: str) -> Sheet:
        """To one agent, of what was not done."""
        line = self._words.line(why, **values)
        return Sheet(plain_line(line), (Paragraph((line,)),))

    def _facts(self, view: TicketView) -> Iterator[Line]:
        ticket, packet, asker = view.ticket, view.ticket.packet, view.ticket.packet.requester
        word, say = self._word, self._words.text
        known = [part for part in (asker.name, asker.organisation) if part]
        proof = word("verified" if asker.verified else "unverified")
        who = ", ".join(known) or word("nobody")
        yield (word("who", who=f"{who} ({proof})"),)
        yield (word("reason", reason=word(ticket.reason.value)),)
        tier, language = self._called("tier", ticket.tier), self._called("speaks", packet.locale)
        channel = self._called("channel", packet.channel)
        yield (word("about", tier=tier, language=language, channel=channel),)
        yield (say("priority", priority=self._called("priority", ticket.priority)),)
        tones = [line.tone.label for line in packet.transcript if line.tone is not None]
        course = [tone for n, tone in enumerate(tones) if n == 0 or tone is not tones[n - 1]]
        if course:
            yield (say("tone", course=" → ".join(map(say, course))),)
        if ticket.contact:
            yield (word("contact", contact=ticket.contact),)
        if packet.page:
            yield (word("page", page=packet.page),)
        if view.link:
            yield (Link(say("open"), view.link),)

    def _called(self, family: str, value: str) -> str:
        """As agents say it; by itself where there is no word for it."""
        name = f"{family}_{value}"
        return self._words.text(name) if name in self._names else value

    def _asked(self, packet: Packet) -> Iterator[Line]:
        yield (Bold(self._word("wants")),)
        yield (packet.summary or "–",)
        others = [ask for ask in packet.asks if ask != packet.summary]
        if others:
            yield (Bold(self._word("asks")),)
            yield from ((f"• {_line(ask)}",) for ask in others[:LONGEST_ASKS])

    def _standing(self, view: TicketView) -> Iterator[Line]:
        ticket, line = view.ticket, self._words.line
        for clock in (view.clocks.first_response, view.clocks.resolution):
            if told := self._clock(clock):
                yield told
        if ticket.state is TicketState.OPEN:
            agent = view.assignee or self._word("agent")
            yield line("has", agent=agent) if ticket.assignee else line("nobody_has")
        elif ticket.state is TicketState.SNOOZED and ticket.snoozed_until is not None:
            yield line("snoozed", until=self._moment(ticket.snoozed_until))
        else:
            yield line(f"is_{ticket.state.value}", other=view.goes_on_in)

    def _clock(self, clock: Clock) -> Line:
        """Empty for one that nobody is held to any more."""
        mark = _MARKS.get(clock.state)
        if mark is None or (clock.name is ClockName.RESOLUTION and clock.state is ClockState.MET):
            return ()
        name = clock.name.value
        if clock.due is None:
            return (f"{mark} ", *self._words.line(f"{name}_paused"))
        due = self._moment(clock.due)
        return (f"{mark} ", *self._words.line(f"{name}_{clock.state.value}", due=due))

    def _moment(self, at: datetime) -> Moment:
        return Moment(at, at.astimezone(self._zone).isoformat(" ", "minutes"))

    def _buttons(self, ticket: Ticket) -> Sequence[Button]:
        say = self._words.text
        if ticket.state is TicketState.RESOLVED:
            return [Button(REOPEN, say("reopen"), ticket.id)]
        if not ticket.state.is_active:
            return []
        title, no = say("sure_title", ticket=ticket.label), say("close")
        claim = Button(CLAIM, say("claim"), ticket.id, is_primary=True)
        sure = {
            name: Confirmation(title, say(f"sure_{name}"), say(name), no)
            for name in ("resolve", "return")
        }
        return [
            *([claim] if ticket.assignee is None else []),
            Button(REPLY, say("reply"), ticket.id),
            Button(RESOLVE, say("resolve"), ticket.id, confirm=sure["resolve"]),
            Button(RETURN, say("return"), ticket.id, confirm=sure["return"]),
        ]

    def _advice(self, packet: Packet) -> Iterator[tuple[Line, ...]]:
        draft = [readable(packet.draft.text), *map(_source, packet.draft.citations)]
        similar = [f"• {one.label}: {one.summary}\n{one.resolution}" for one in packet.similar]
        found = [f"• {one.title} ({one.path})\n{readable(one.excerpt)}" for one in packet.unused]
        sections: Mapping[str, Sequence[str]] = {
            "step": [packet.next_step],
            "draft": draft if packet.draft.text else [],
            "found": found,
            "similar": similar,
        }
        for name, lines in sections.items():
            if any(lines):
                yield ((Bold(self._word(name)),), *((line,) for line in lines))

    def _transcript(self, lines: Sequence[TranscriptLine]) -> Iterator[Line]:
        yield (Bold(self._word("transcript")),)
        for line in lines:
            mark = Faint if line.author is Author.SYSTEM else Bold
            at = f"{line.at.astimezone(self._zone):%H:%M}"
            yield (mark(self._word(line.author.value)), f" {at}")
            yield (readable(line.text) if line.author is Author.BOT else line.text,)
            yield from ((_source(one),) for one in line.citations)


def _title(ticket: Ticket) -> str:
    return f"{ticket.label}: {_line(ticket.packet.summary)}"


def _source(citation: Citation) -> str:
    """An address of this server's own pages leads nowhere from a chat program."""
    where = citation.path if citation.url.startswith("/") else citation.url
    return f"[{citation.n}] {citation.title} {where}"


def _line(text: str) -> str:
    return " ".join(text.split())
