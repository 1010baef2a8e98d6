"""The seam of a chat program: what its edge brings, so that all else is shared.

Unless said otherwise methods raise DeskUnavailable for what may work later (OutcomeUnknown where it
may have been done), DeskRefused for what never will, and StoreError.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bot.channels.chat.place import Place
from bot.channels.chat.sheet import Form, Sheet
from bot.domain.conversation import Locale
from bot.domain.customer import Customer
from bot.domain.inbound import InboundEvent, Post
from bot.domain.outbox import DeskRefused, DeskUnavailable

Body = Mapping[str, Any]
# Pure, of what any database holds; None for what is nothing to be worked on. It may raise anything
# for what is not shaped as the program shapes it.
ReadEvent = Callable[[Body], InboundEvent | None]


class OutcomeUnknown(DeskUnavailable):
    """Whether it was done nobody said: look before it is done again."""


class PostGone(DeskRefused):
    """The post, or what it stands below, is there no more."""


class NotHeard(DeskRefused):
    """Nobody saw it: it was for one person alone, and cannot be shown to them there."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message of somebody, read."""

    place: Place
    user: str
    key: str  # the same in whichever event tells of it
    text: str  # plain, without the mention of the bot
    at: datetime  # when it was taken
    names_bot: bool = False
    names_others: bool = False
    # Begins with the name of a colleague whom it is for, or of the bot where that hears everything.
    is_aside: bool = False
    is_direct: bool = False  # nobody else is there
    is_reply: bool = False  # stands below another message
    files: tuple[str, ...] = ()
    # The message that it answers, by the program's own id, and what begins the thread around it.
    answers: str | None = None


@dataclass(frozen=True, slots=True)
class Click:
    """On a button, or the sending of a form."""

    key: str  # of the event
    action: str
    value: str
    user: str
    team: str
    at: Place | None  # where; None where it was in no channel
    post: str = ""  # the reference of what was clicked in
    values: Mapping[str, str] = field(
        default_factory=dict
    )  # of a form; a tick that is set is "yes"
    handle: str = ""  # by which the program lets something be opened or said for a moment


@dataclass(frozen=True, slots=True)
class Person:
    customer: Customer
    timezone: str | None = None  # IANA name
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """Of the team's own people, whose mail address the program has proved."""

    name: str
    email: str = ""


def customer_id(channel: str, team: str, user: str) -> str:
    return f"{channel}/{team}/{user}"


class Reader(Protocol):
    """What an event says. Pure but for what the program does not send along."""

    async def said(self, event: InboundEvent) -> Said: ...

    def click(self, event: InboundEvent) -> Click: ...

    async def above(self, said: Said) -> str:
        """The text of the message that this one stands below; empty where it cannot be read."""
        ...


class People(Protocol):
    async def person(self, team: str, user: str) -> Person:
        """Saved as a customer; known by no more than an id where the program does not tell now.
        Raises StoreError alone."""
        ...

    async def member(self, team: str, user: str) -> Member | None:
        """None for somebody of another company, for a machine, and for who has left."""
        ...

    async def own_team(self) -> str:
        """Whose program it is, where that is one team; else raises DeskRefused."""
        ...

    async def locale(self, team: str, user: str) -> Locale:
        """As they chose it in the program. Raises nothing."""
        ...


class Wall(Protocol):
    """Where posts stand. What `put` gives is a post's reference, which nobody else reads."""

    async def put(
        self, key: str, place: Place, sheet: Sheet, facts: Mapping[str, str] | None = None
    ) -> str:
        """`key` and `facts` go along where the program keeps such; one that sees to it that a key
        is put up once is told the key."""
        ...

    async def find(self, begun: Post) -> str | None:
        """The post that was begun under its key, and perhaps put up; None where there is none, or
        where the program itself puts nothing up twice under a key."""
        ...

    async def change(
        self, place: Place, reference: str, sheet: Sheet, facts: Mapping[str, str] | None = None
    ) -> None:
        """In its place. Raises PostGone as well."""
        ...

    async def remove(self, place: Place, reference: str) -> None:
        """Nothing where it is gone."""
        ...

    async def whisper(self, place: Place, user: str, sheet: Sheet) -> None:
        """To one person alone, there or where only they read. Raises NotHeard as well."""
        ...

    def pages(self, sheet: Sheet) -> Sequence[Sheet]:
        """As many as its parts need within the limits of one post."""
        ...

    def below(self, place: Place, reference: str) -> Place:
        """Where what belongs to a post is put up."""
        ...

    def link(self, place: Place) -> str:
        """Opens it for whoever else is in the channel; empty where only its two are, and where a
        program has no such links."""
        ...

    async def facts(self, place: Place) -> Mapping[str, str]:
        """That went along with the post which a thread stands below; none where a program keeps
        none."""
        ...

    async def mark_sent(self, key: str) -> bool:
        """Who wrote the message, by its key, sees at it that it went to the customer. False where a
        program has no such mark."""
        ...


class LivePost(Protocol):
    """A post whose text still changes, in the process that put it up."""

    place: Place
    reference: str
    locale: Locale

    async def step(self, words: str) -> None:
        """What is being done; nothing where that would be too often."""
        ...

    async def show(self, markdown: str) -> None:
        """All that is known so far, in whole paragraphs; likewise."""
        ...

    async def finish(self, sheet: Sheet, facts: Mapping[str, str]) -> bool:
        """Nothing is added any more. False where the post does not show all of the sheet by that,
        and has to be changed. Raises PostGone as well."""
        ...

    async def withdraw(self) -> None:
        """It is there no more."""
        ...


class Screen(Protocol):
    """Where answers are seen as they come."""

    async def begin(
        self, key: str, place: Place, user: str, words: str, locale: Locale
    ) -> LivePost: ...

    async def find(self, begun: Post) -> LivePost | None:
        """What was begun under a key, in a process that may have ended since; looked for where it
        has no reference. None where nothing was put up, or where the program itself puts nothing
        up twice under a key."""
        ...


class Forms(Protocol):
    async def open(self, click: Click, form: Form) -> None:
        """For who clicked. Beside the handling of the click, within seconds of it."""
        ...


class TypingSigns(Protocol):
    """That the bot is at it, beside the posts; where a program has no such sign, nothing."""

    async def begin(self, place: Place, question: str, locale: Locale) -> None: ...

    async def end(self, place: Place) -> None: ...


@dataclass(frozen=True, slots=True)
class Program:
    """A chat program, by what its edge brings."""

    channel: str  # as conversations and posts name it
    title: str  # as people call it
    read_event: ReadEvent
    reader: Reader
    people: People
    wall: Wall
    screen: Screen
    forms: Forms
    signs: TypingSigns
