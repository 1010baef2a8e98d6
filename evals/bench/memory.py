"""Memory of a process as the kernel counts it."""

from dataclasses import dataclass
from pathlib import Path

FIELDS = {"VmRSS": "resident_mib", "RssAnon": "private_mib", "VmHWM": "peak_mib"}


@dataclass(frozen=True, slots=True)
class Memory:
    resident_mib: float
    private_mib: float  # without mapped files, whose pages the kernel takes back when it needs them
    peak_mib: float  # the most that was ever resident


def memory_of(pid: int | str = "self") -> Memory | None:
    """None where the kernel has no /proc."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("utf-8")
    except FileNotFoundError:
        return None
    return parse_status(status)


def parse_status(status: str) -> Memory:
    """From the text of /proc/PID/status; raises KeyError for that of a dead process."""
    lines = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    return Memory(**{name: int(lines[key].split()[0]) / 1024 for key, name in FIELDS.items()})
