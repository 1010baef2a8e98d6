"""What came in from a channel elsewhere: committed before it is acknowledged, handled later."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.domain.conversation import now


class InboundState(StrEnum):
    PENDING = "pending"
    HANDLED = "handled"  # only its keys are kept
    DEAD = "dead"  # given up


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a place was read: everything up to `seen` was taken."""

    address: str
    seen: str  # the channel's own time of a message; later ones sort higher
    at: datetime = field(default_factory=now)


@dataclass(frozen=True, slots=True)
class InboundEvent:
    channel: str
    key: str  # of the delivery: the same event again has the same one
    kind: str  # names who handles it
    group: str  # what is handled one after another, in the order of arrival
    body: Mapping[str, Any]
    twin: str | None = None  # of what the event is about, where several events tell of the same
    mark: Mark | None = None  # how far its place was read with it
    received_at: datetime = field(default_factory=now)
    state: InboundState = InboundState.PENDING
    attempts: int = 0
    error: str | None = None  # why the last attempt failed; never a customer's words
    sequence: int | None = None  # given by the store, in the order of commits


@dataclass(frozen=True, slots=True)
class Thread:
    """A place in a channel elsewhere and the conversation that is held there."""

    channel: str
    address: str
    conversation: str
    at: datetime  # when it began


class PostState(StrEnum):
    LIVE = "live"  # written by the process that began it
    PROVISIONAL = "provisional"  # begun, and perhaps put up; nobody writes it
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class Post:
    """What was put up in a channel elsewhere, and what the channel calls it."""

    channel: str
    key: str  # of what it shows
    conversation: str
    place: str  # the address where it stands
    reference: str
    state: PostState = PostState.FINAL
    at: datetime = field(default_factory=now)
