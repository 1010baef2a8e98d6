"""What a desk tells of a ticket: replies of its agents, and what they made of it."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bot.domain.errors import BotError

ACTOR = "desk"  # how the names of those begin who act at a desk
LONGEST_NAME = 80
LOOK_BACK = timedelta(days=1)  # of a desk that is asked for news for the first time
RECEIPTS_KEPT = timedelta(days=30)  # longer than any desk sends an event again


class EventRefused(BotError):
    """It is not proven that the desk sent this, or that it sent it now."""


class EventRepeated(BotError):
    """This very sending was taken before."""


class DeskStatus(StrEnum):
    WORKED_ON = "worked_on"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class DeskReply:
    """Of an agent, to the customer."""

    id: str  # the desk's own, the same however often it is told
    author: str  # as the customer shall see them
    text: str  # empty where there are files only
    files: tuple[str, ...] = ()  # names of what stays at the desk


@dataclass(frozen=True, slots=True)
class DeskNews:
    ticket: str  # our id
    replies: tuple[DeskReply, ...] = ()
    status: DeskStatus | None = None  # None: nothing was said of it
    is_looked_up: bool = False  # `status` is how it stands there, perhaps still behind ours


@dataclass(frozen=True, slots=True)
class DeskPage:
    """Which tickets changed at a desk, as it answers when it is asked."""

    changed: tuple[tuple[str, str], ...]  # our id of each, and the desk's
    place: str | None  # where to go on; the desk knows what it means
    is_last: bool = True


@dataclass(frozen=True, slots=True)
class Seal:
    """What tells one event of a desk from another."""

    event: str  # the same when the desk sends it again
    proof: str  # of this one sending


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at in a desk's set-up."""

    what: str
    way_out: str = ""  # empty where nothing is wrong

    @property
    def is_good(self) -> bool:
        return not self.way_out


def actor_at(desk: str, name: str, user: str = "") -> str:
    """The id of somebody who acts at a desk and is no agent of ours. `user`: by which the desk
    tells people of one name apart, where it says so."""
    at = f"{desk}/{user.replace(':', '_')}" if user else desk
    return f"{ACTOR}:{at}:{' '.join(name.split())[:LONGEST_NAME]}"


def is_same(actor: str | None, other: str) -> bool:
    """Whether it is one person; by which name the desk called them then and now says nothing."""
    before, after = (actor or "").split(":", 2), other.split(":", 2)
    is_told_apart = len(after) == 3 and after[0] == ACTOR and "/" in after[1]
    return actor == other or (is_told_apart and before[:2] == after[:2])


def acts_at(actor: str | None, desk: str) -> bool:
    return (actor or "").startswith((f"{ACTOR}:{desk}:", f"{ACTOR}:{desk}/"))


def is_at_desk(actor: str | None) -> bool:
    """Whether it is somebody at any desk elsewhere."""
    return (actor or "").startswith(f"{ACTOR}:")


def name_at_desk(actor: str) -> str | None:
    """The name in such an id; None for any other actor and for somebody without a name."""
    kind, _, rest = actor.partition(":")
    _, _, name = rest.partition(":")
    return name if kind == ACTOR and name else None
