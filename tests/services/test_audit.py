"""The audit log is verified page by page; the stores' tests show what tampering looks like."""

from bot.adapters.memory_agents import MemoryAuditLog
from bot.domain.audit import AuditEvent, AuditHead
from bot.services import audit
from bot.services.audit import verify_log


async def filled(count: int) -> MemoryAuditLog:
    log = MemoryAuditLog()
    for number in range(count):
        await log.append(AuditEvent("operator", str(number)))
    return log


async def test_logs_of_any_length_are_intact() -> None:
    for count in (0, 1, audit.PAGE, audit.PAGE + 1):
        assert await verify_log(await filled(count)) is None


async def test_tampering_on_a_later_page_is_seen() -> None:
    log = await filled(audit.PAGE + 2)
    del log.log[audit.PAGE]
    assert await verify_log(log) == f"entry {audit.PAGE + 1} is missing or out of its place"


async def test_head_kept_elsewhere_has_to_be_reached() -> None:
    log = await filled(3)
    for seq in (1, 2, 3):
        assert await verify_log(log, log.log[seq - 1].head) is None
    assert await verify_log(log, AuditHead(2, "f" * 64)) == "entry 2 is not the one of before"
    assert await verify_log(log, AuditHead(4, "f" * 64)) == "entry 4 is missing"


class BusyLog(MemoryAuditLog):
    """Somebody appends whenever it is read."""

    async def head(self) -> AuditHead:
        head = await super().head()
        self.add(AuditEvent("operator", "meanwhile"))
        return head


async def test_what_is_appended_meanwhile_is_no_tampering() -> None:
    assert await verify_log(BusyLog()) is None
