"""A ticket as agents see it in Slack: the card, what stands below it, and the dialog to reply."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

from bot.channels.slack import elements
from bot.channels.slack.elements import Block, escape
from bot.domain.conversation import Author, Locale
from bot.domain.desk_history import SPOKEN, TOLD
from bot.domain.knowledge import Citation
from bot.domain.packet import Packet, TranscriptLine
from bot.domain.sla import Clocks
from bot.domain.sla_clock import Clock, ClockName, ClockState
from bot.domain.ticket import Ticket, TicketEventKind, TicketState
from bot.ports import Prompts

ACT = "slack_desk"
PACKET_ACT = "desk"  # the words of the packet are those of all desks
CLAIM, REPLY, RESOLVE, REOPEN, RETURN = (
    f"ticket.{name}" for name in ("claim", "reply", "resolve", "reopen", "return")
)
TEXT, RESOLVES = "text", "resolves"  # of the dialog
NOTE_MARK = "//"
LONGEST_ASKS = 6
MOST_PAGES = 5  # messages that a packet takes
# What is said below the card of what happened; all else is seen on the card.
TOLD_BELOW: Mapping[TicketEventKind, str] = {
    kind: name for kind, name in TOLD.items() if kind is not TicketEventKind.PRIORITISED
}
_MARKS = {
    ClockState.RUNNING: ":hourglass_flowing_sand:",
    ClockState.PAUSED: ":double_vertical_bar:",
    ClockState.MET: ":white_check_mark:",
    ClockState.BREACHED: ":red_circle:",
}


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket as it stands when its card is drawn."""

    ticket: Ticket
    clocks: Clocks
    assignee: str | None = None  # as agents call them
    link: str = ""  # to the conversation, where agents can open it


class CardWriter:
    def __init__(self, prompts: Prompts, locale: Locale, zone: ZoneInfo) -> None:
        """In the language of the agents. `zone`: of times where Slack knows no other."""
        self._say = partial(prompts.text, ACT, locale)
        self._word = partial(prompts.text, PACKET_ACT, locale)
        self._zone = zone

    def title(self, ticket: Ticket) -> str:
        """What notifications show; escaped."""
        return f"{ticket.label}: {escape(_line(ticket.packet.summary))}"

    def card(self, view: TicketView) -> Sequence[Block]:
        ticket = view.ticket
        packet = ticket.packet
        blocks = [
            elements.header(_line(f"{ticket.label}: {packet.summary}")),
            elements.fields(list(self._facts(view))),
            elements.section("\n".join(self._asked(packet))),
            elements.section("\n".join(self._standing(view))),
        ]
        if buttons := self._buttons(ticket):
            blocks.append(elements.actions("ticket", buttons))
        if ticket.state.is_active:
            blocks.append(elements.context(self._say("rule", mark=NOTE_MARK)))
        return blocks

    def packet(self, ticket: Ticket) -> Sequence[Sequence[Block]]:
        """What stands first below the card, as messages."""
        parts = [*self._advice(ticket.packet), self._transcript(ticket.packet.transcript)]
        return self._pages(block for part in parts for block in elements.paragraphs(part))

    def event(self, kind: TicketEventKind, ticket: Ticket, actor: str | None, text: str) -> str:
        """One of TOLD_BELOW, as mrkdwn, with what was said in it. `actor`: their name."""
        said = self._say(
            TOLD_BELOW[kind],
            agent=escape(actor or self._word("agent")),
            contact=escape(ticket.contact or ""),
        )
        return f"{said}\n{escape(text)}" if kind in SPOKEN and text else said

    def said(self, text: str) -> Sequence[Block]:
        """What `event` gave, as it stands below the card."""
        return self._pages(elements.paragraphs(text), 1)[0]

    def reply_dialog(self, ticket: Ticket, metadata: str, draft: str) -> Block:
        words = (
            self._say("reply_title", ticket=ticket.label),
            self._say("send"),
            self._say("close"),
        )
        return elements.modal(
            REPLY,
            metadata,
            words,
            [
                elements.context(escape(_line(ticket.packet.summary))),
                elements.text_input(TEXT, self._say("reply_label"), draft),
                elements.tick(RESOLVES, self._say("then"), self._say("and_resolve")),
            ],
        )

    def refusal(self, why: str, **values: str) -> str:
        """To one agent, of what was not done."""
        return self._say(why, **{name: escape(value) for name, value in values.items()})

    def _pages(
        self, sections: Iterable[Block], most: int = MOST_PAGES
    ) -> Sequence[Sequence[Block]]:
        pages = elements.pages(sections)
        if len(pages) <= most:
            return pages
        left_out = elements.context(f"_{self._word('left_out')}_")
        return [*pages[: most - 1], [*pages[most - 1], left_out]]

    def _facts(self, view: TicketView) -> Iterator[str]:
        ticket, packet, asker = view.ticket, view.ticket.packet, view.ticket.packet.requester
        known = [part for part in (asker.name, asker.organisation) if part]
        proof = self._word("verified" if asker.verified else "unverified")
        who = ", ".join(known) or self._word("nobody")
        yield escape(self._word("who", who=f"{who} ({proof})"))
        yield escape(self._word("reason", reason=self._word(ticket.reason.value)))
        yield escape(
            self._word(
                "about",
                tier=ticket.tier.value,
                language=packet.locale.value,
                channel=packet.channel,
            )
        )
        yield self._say("priority", priority=ticket.priority.value)
        tones = [line.tone.label for line in packet.transcript if line.tone is not None]
        course = [tone for n, tone in enumerate(tones) if n == 0 or tone is not tones[n - 1]]
        if course:
            yield self._say("tone", course=" → ".join(self._say(tone) for tone in course))
        if ticket.contact:
            yield escape(self._word("contact", contact=ticket.contact))
        if packet.page:
            yield escape(self._word("page", page=packet.page))
        if view.link:
            yield f"<{view.link}|{self._say('open')}>"

    def _asked(self, packet: Packet) -> Iterator[str]:
        yield f"*{self._word('wants')}*"
        yield escape(packet.summary) or "–"
        others = [ask for ask in packet.asks if ask != packet.summary]
        if others:
            yield f"*{self._word('asks')}*"
            yield from (f"• {escape(_line(ask))}" for ask in others[:LONGEST_ASKS])

    def _standing(self, view: TicketView) -> Iterator[str]:
        ticket = view.ticket
        for clock in (view.clocks.first_response, view.clocks.resolution):
            if line := self._clock(clock):
                yield line
        if ticket.state is TicketState.OPEN:
            named = escape(view.assignee or self._word("agent"))
            yield self._say("has", agent=named) if ticket.assignee else self._say("nobody_has")
        elif ticket.state is TicketState.SNOOZED and ticket.snoozed_until is not None:
            shown = ticket.snoozed_until.astimezone(self._zone).isoformat(" ", "minutes")
            yield self._say("snoozed", until=elements.moment(ticket.snoozed_until, shown))
        else:
            yield self._say(f"is_{ticket.state.value}")

    def _clock(self, clock: Clock) -> str:
        """Empty for one that nobody is held to any more."""
        mark = _MARKS.get(clock.state)
        if mark is None or (clock.name is ClockName.RESOLUTION and clock.state is ClockState.MET):
            return ""
        named = f"{clock.name.value}_{clock.state.value}"
        if clock.due is None:
            return f"{mark} {self._say(f'{clock.name.value}_paused')}"
        shown = clock.due.astimezone(self._zone).isoformat(" ", "minutes")
        return f"{mark} {self._say(named, due=elements.moment(clock.due, shown))}"

    def _buttons(self, ticket: Ticket) -> Sequence[Block]:
        if ticket.state is TicketState.RESOLVED:
            return [elements.button(REOPEN, self._say("reopen"), ticket.id)]
        if not ticket.state.is_active:
            return []
        sure = partial(
            elements.confirmation,
            self._say("sure_title", ticket=ticket.label),
            no=self._say("close"),
        )
        claim = elements.button(CLAIM, self._say("claim"), ticket.id, "primary")
        return [
            *([claim] if ticket.assignee is None else []),
            elements.button(REPLY, self._say("reply"), ticket.id),
            elements.button(
                RESOLVE,
                self._say("resolve"),
                ticket.id,
                confirm=sure(self._say("sure_resolve"), yes=self._say("resolve")),
            ),
            elements.button(
                RETURN,
                self._say("return"),
                ticket.id,
                confirm=sure(self._say("sure_return"), yes=self._say("return")),
            ),
        ]

    def _advice(self, packet: Packet) -> Iterator[str]:
        draft = [packet.draft.text, *map(_source, packet.draft.citations)]
        similar = [f"• {one.label}: {one.summary}\n{one.resolution}" for one in packet.similar]
        sections: Mapping[str, Sequence[str]] = {
            "step": [packet.next_step],
            "draft": draft if packet.draft.text else [],
            "found": [f"• {one.title} ({one.path})\n{one.excerpt}" for one in packet.unused],
            "similar": similar,
        }
        for name, lines in sections.items():
            if any(lines):
                yield "\n".join((f"*{self._word(name)}*", *map(escape, lines)))

    def _transcript(self, lines: Sequence[TranscriptLine]) -> str:
        return "\n".join((f"*{self._word('transcript')}*", *map(self._spoken, lines)))

    def _spoken(self, line: TranscriptLine) -> str:
        shown = f"{line.at.astimezone(self._zone):%H:%M}"
        who = self._word(line.author.value)
        mark = "_" if line.author is Author.SYSTEM else "*"
        said = f"{mark}{who}{mark} {shown}\n{escape(line.text)}"
        sources = [escape(_source(one)) for one in line.citations]
        return "\n".join((said, *sources))


def _source(citation: Citation) -> str:
    return f"[{citation.n}] {citation.title} {citation.url}"


def _line(text: str) -> str:
    return " ".join(text.split())
