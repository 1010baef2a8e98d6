"""A chat program of no vendor, in memory: what was put up, whispered and opened in it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from bot.channels.chat.paging import Paging
from bot.channels.chat.place import Place
from bot.channels.chat.program import (
    Click,
    Member,
    Person,
    PostGone,
    Program,
    Said,
    customer_id,
)
from bot.channels.chat.sheet import Buttons, Form, Part, Sheet, Small
from bot.channels.chat.text import Line, plain_line
from bot.domain.conversation import Locale, Message
from bot.domain.customer import Customer
from bot.domain.inbound import InboundEvent, Post, PostState
from bot.domain.outbox import DeskRefused, DeskUnavailable

CHANNEL, TEAM, ROOM = "parley", "T1", "room"
LONGEST = 3000


@dataclass
class Standing:
    key: str
    place: Place
    reference: str
    sheet: Sheet
    facts: Mapping[str, str]


@dataclass
class FakeWall:
    has_threads: bool = True
    has_marks: bool = True
    posts: list[Standing] = field(default_factory=list)
    whispers: list[tuple[Place, str, Sheet]] = field(default_factory=list)
    marked: list[str] = field(default_factory=list)
    changed: int = 0
    failures: dict[str, Exception] = field(default_factory=dict)  # by the method, once
    lost: int | None = None  # the how manieth post it is whose answer gets lost
    is_down: bool = False
    count: int = 0

    async def put(
        self, key: str, place: Place, sheet: Sheet, facts: Mapping[str, str] | None = None
    ) -> str:
        self._fail("put")
        if place.thread and self.has_threads and self.at(place.thread) is None:
            raise PostGone("nothing stands there to answer")
        self.count += 1
        reference = f"m{self.count}"
        self.posts.append(Standing(key, place, reference, sheet, facts or {}))
        if self.lost == self.count:
            self.lost = None
            raise DeskUnavailable("no answer")
        return reference

    async def find(self, begun: Post) -> str | None:
        self._fail("find")
        found = [one.reference for one in self.posts if one.key == begun.key]
        return found[-1] if found else None

    async def change(
        self, place: Place, reference: str, sheet: Sheet, facts: Mapping[str, str] | None = None
    ) -> None:
        self._fail("change")
        post = self.at(reference)
        if post is None:
            raise PostGone("it is not there")
        self.changed += 1
        post.sheet = sheet

    async def remove(self, place: Place, reference: str) -> None:
        self.posts = [one for one in self.posts if one.reference != reference]

    async def whisper(self, place: Place, user: str, sheet: Sheet) -> None:
        self._fail("whisper")
        self.whispers.append((place, user, sheet))

    def pages(self, sheet: Sheet) -> Sequence[Sheet]:
        return Paging(size_of, LONGEST, 4 * LONGEST, 40).pages(sheet)

    def below(self, place: Place, reference: str) -> Place:
        return replace(place, thread=place.thread or reference) if self.has_threads else place

    def link(self, place: Place) -> str:
        return "" if place.is_flat or place.is_ephemeral else f"https://parley/{place.address}"

    async def facts(self, place: Place) -> Mapping[str, str]:
        self._fail("facts")
        post = self.at(place.thread or "")
        return post.facts if post is not None else {}

    async def mark_sent(self, key: str) -> bool:
        self._fail("mark_sent")
        self.marked.append(key)
        return self.has_marks

    def at(self, reference: str) -> Standing | None:
        return next((one for one in self.posts if one.reference == reference), None)

    def below_card(self) -> list[Standing]:
        return [
            one for one in self.posts if not one.key.startswith("card.") or ".packet." in one.key
        ]

    def cards(self) -> list[Standing]:
        return [one for one in self.posts if one not in self.below_card()]

    def delete(self, reference: str) -> None:
        """With all that stands below it."""
        gone = [one for one in self.posts if reference in (one.reference, one.place.thread)]
        self.posts = [one for one in self.posts if one not in gone]

    @contextmanager
    def outage(self) -> Iterator[None]:
        self.is_down = True
        yield
        self.is_down = False

    def told(self) -> list[tuple[str, str]]:
        """Whom something was told alone, and what."""
        return [(user, sheet.notice) for _, user, sheet in self.whispers]

    def _fail(self, method: str) -> None:
        if self.is_down:
            raise DeskUnavailable("down")
        if method in self.failures:
            raise self.failures.pop(method)


@dataclass
class FakePeople:
    members: dict[str, Member] = field(default_factory=dict)
    locales: dict[str, Locale] = field(default_factory=dict)
    bots: set[str] = field(default_factory=set)

    async def person(self, team: str, user: str) -> Person:
        return Person(Customer(customer_id(CHANNEL, team, user)), is_bot=user in self.bots)

    async def member(self, team: str, user: str) -> Member | None:
        return self.members.get(user) if team == TEAM else None

    async def own_team(self) -> str:
        return TEAM

    async def locale(self, team: str, user: str) -> Locale:
        return self.locales.get(user, Locale.EN)


@dataclass
class FakeForms:
    opened: list[tuple[Click, Form]] = field(default_factory=list)

    async def open(self, click: Click, form: Form) -> None:
        self.opened.append((click, form))


@dataclass
class FakeReader:
    """Events hold what they say."""

    topmost: str = ""

    async def said(self, event: InboundEvent) -> Said:
        said: Said = event.body["said"]
        return said

    def click(self, event: InboundEvent) -> Click:
        click: Click = event.body["click"]
        return click

    async def above(self, said: Said) -> str:
        return self.topmost


@dataclass
class FakeProgram:
    has_threads: bool = True

    def __post_init__(self) -> None:
        self.wall, self.people = FakeWall(self.has_threads), FakePeople()
        self.forms, self.reader = FakeForms(), FakeReader()
        self._clicks = 0

    @property
    def program(self) -> Program:
        none: Any = None
        return Program(
            channel=CHANNEL,
            title="Parley",
            read_event=none,
            reader=self.reader,
            people=self.people,
            wall=self.wall,
            screen=none,
            forms=self.forms,
            signs=none,
        )

    def clicked(
        self, action: str, value: str, user: str, at: Place | None, post: str = "", **values: str
    ) -> InboundEvent:
        self._clicks += 1
        key = f"click-{self._clicks}"
        click = Click(key, action, value, user, at.team if at else TEAM, at, post, values)
        return InboundEvent(CHANNEL, key, f"click:{action}", "group", {"click": click})

    def sent(self, user: str, **values: str) -> InboundEvent:
        """The form that was opened last, with what was filled in."""
        opened, form = self.forms.opened[-1]
        return self.clicked(form.action, form.value, user, opened.at, opened.post, **values)


class Posts:
    """What a store keeps of posts."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Post] = {}

    async def post(self, channel: str, key: str) -> Post | None:
        return self.kept.get((channel, key))

    async def posts_of(self, conversation: str) -> list[Post]:
        return [post for post in self.kept.values() if post.conversation == conversation]

    async def begin_post(self, post: Post) -> bool:
        return self.kept.setdefault((post.channel, post.key), post) is post

    async def advance_post(self, post: Post, former: PostState) -> bool:
        known = self.kept.get((post.channel, post.key))
        if known is None or known.state is not former:
            return False
        await self.save_post(post)
        return True

    async def save_post(self, post: Post) -> None:
        self.kept[post.channel, post.key] = post


class Turns:
    """Accepts what is submitted, once for a key."""

    def __init__(self) -> None:
        self.submitted: dict[tuple[str, str | None], Message] = {}

    async def submit(self, message: Message) -> None:
        key = (message.conversation, message.client_message_id)
        self.submitted.setdefault(key, message)

    @property
    def messages(self) -> list[Message]:
        return list(self.submitted.values())


def said_at(place: Place, user: str, text: str, key: str = "said-1", **more: Any) -> Said:
    return Said(place, user, key, text, datetime(2026, 3, 2, 12, tzinfo=UTC), **more)


def refused() -> DeskRefused:
    return DeskRefused("no")


def lines_of(sheet: Sheet) -> list[str]:
    """The words of its lines, whatever parts they stand in."""
    return [plain_line(line) for part in sheet.parts for line in _lines(part)]


def text_of(sheet: Sheet) -> str:
    return "\n".join(lines_of(sheet))


def actions_of(sheet: Sheet) -> list[str]:
    groups = [part for part in sheet.parts if isinstance(part, Buttons)]
    return [button.action for group in groups for button in group.buttons]


def small_of(sheet: Sheet) -> list[str]:
    small = [part for part in sheet.parts if isinstance(part, Small)]
    return [plain_line(line) for part in small for line in part.lines]


def size_of(part: Part) -> int:
    return sum(len(plain_line(line)) + 1 for line in _lines(part))


def _lines(part: Part) -> Sequence[Line]:
    lines: Sequence[Line] = getattr(part, "lines", ())
    return lines
