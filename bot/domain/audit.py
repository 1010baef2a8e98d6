"""The audit log: who did what to what. Each entry carries the hash of the one before it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

from bot.domain.conversation import now

Detail = str | int | bool | None

OPERATOR = "operator"  # whoever runs commands on the server
UNKNOWN = "unknown"  # whoever is not signed in


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """What is to be recorded. Ids and facts; never a message's text, a password or a token."""

    actor: str  # the id of an agent, or one of the words above
    action: str  # such as `agent.disabled`
    object: str | None = None  # the id of what it was done to
    details: Mapping[str, Detail] = field(default_factory=dict)
    at: datetime = field(default_factory=now)


@dataclass(frozen=True, slots=True)
class AuditHead:
    """Where the log ends. Kept elsewhere, it also shows a log that was cut off and closed again."""

    seq: int = 0
    hash: str = "0" * 64

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


START = AuditHead()


@dataclass(frozen=True, slots=True)
class AuditEntry:
    seq: int  # 1, 2, 3, without a gap
    event: AuditEvent
    previous: str  # the hash of the entry before
    hash: str

    @classmethod
    def after(cls, head: AuditHead, event: AuditEvent) -> "AuditEntry":
        seq = head.seq + 1
        return cls(seq, event, head.hash, _hash(seq, event, head.hash))

    @property
    def head(self) -> AuditHead:
        return AuditHead(self.seq, self.hash)

    @property
    def is_intact(self) -> bool:
        return self.hash == _hash(self.seq, self.event, self.previous)

    def as_json(self) -> dict[str, object]:
        return {
            "seq": self.seq,
            "at": _written(self.event.at),
            "actor": self.event.actor,
            "action": self.event.action,
            "object": self.event.object,
            "details": dict(self.event.details),
            "previous": self.previous,
            "hash": self.hash,
        }


def follow(head: AuditHead, entries: Iterable[AuditEntry]) -> tuple[AuditHead, str | None]:
    """Checks entries that follow `head`: where the chain leads, and what is wrong, if anything."""
    for entry in entries:
        if entry.seq != head.seq + 1:
            return head, f"entry {head.seq + 1} is missing or out of its place"
        if entry.previous != head.hash:
            return head, f"entry {entry.seq} does not follow entry {head.seq}"
        if not entry.is_intact:
            return head, f"entry {entry.seq} was changed"
        head = entry.head
    return head, None


def _hash(seq: int, event: AuditEvent, previous: str) -> str:
    parts = [
        seq,
        _written(event.at),
        event.actor,
        event.action,
        event.object,
        dict(event.details),
        previous,
    ]
    text = json.dumps(parts, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
