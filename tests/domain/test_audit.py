"""The chain of the audit log."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from bot.domain.audit import START, AuditEntry, AuditEvent, follow

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def chain() -> list[AuditEntry]:
    entries: list[AuditEntry] = []
    for action in ("one", "two", "three"):
        head = entries[-1].head if entries else START
        entries.append(AuditEntry.after(head, AuditEvent("a1", action, "o1", {"n": 1}, NOON)))
    return entries


def test_chain_is_followed_to_its_end() -> None:
    entries = chain()
    assert follow(START, entries) == (entries[-1].head, None)
    assert follow(entries[0].head, entries[1:]) == (entries[-1].head, None)
    assert str(entries[-1].head) == f"3:{entries[-1].hash}"


def test_every_part_of_an_entry_is_hashed() -> None:
    first = chain()[0]
    event = first.event
    for changed in (
        replace(event, actor="x"),
        replace(event, action="x"),
        replace(event, object=None),
        replace(event, details={"n": 2}),
        replace(event, details={"n": True}),
        replace(event, at=NOON + timedelta(microseconds=1)),
    ):
        assert not replace(first, event=changed).is_intact
    assert not replace(first, seq=2).is_intact
    assert not replace(first, previous="x").is_intact


def test_same_moment_in_another_zone_has_the_same_hash() -> None:
    first = chain()[0]
    elsewhere = NOON.astimezone(timezone(timedelta(hours=8)))
    assert replace(first, event=replace(first.event, at=elsewhere)).is_intact


def test_what_is_wrong_is_said() -> None:
    one, two, three = chain()
    forged = replace(two, event=replace(two.event, actor="x"))
    grafted = AuditEntry.after(replace(one.head, hash="f" * 64), two.event)
    for entries, wrong in (
        ([two, three], "entry 1 is missing or out of its place"),
        ([one, three], "entry 2 is missing or out of its place"),
        ([one, three, two], "entry 2 is missing or out of its place"),
        ([one, forged, three], "entry 2 was changed"),
        ([one, grafted, three], "entry 2 does not follow entry 1"),
    ):
        assert follow(START, entries)[1] == wrong
