"""Whether the audit log still is what was written."""

from bot.domain.audit import START, AuditHead, follow
from bot.ports import AuditLog

PAGE = 1000


async def verify_log(log: AuditLog, kept: AuditHead = START) -> str | None:
    """What is wrong with it, None when nothing is. `kept` is a head of before, from elsewhere."""
    end = await log.head()
    head = START
    while entries := await log.entries(head.seq, PAGE):
        for entry in entries:
            if entry.seq == kept.seq and entry.hash != kept.hash:
                return f"entry {kept.seq} is not the one of before"
            head, wrong = follow(head, [entry])
            if wrong is not None:
                return wrong
            if head.seq == end.seq and head.hash != end.hash:
                return f"entry {head.seq} is not the one the log ends with"
    latest = await log.head()  # others append while this reads
    if head.seq < max(end.seq, kept.seq):
        return f"entry {head.seq + 1} is missing"
    if head.seq > latest.seq or (head.seq == latest.seq and head != latest):
        return f"entry {head.seq} is not the one the log ends with"
    return None
