"""Files below one folder, read so that no link leads out of it and nothing is read half-written."""

import errno
import os
import stat
from collections.abc import Callable

MAX_BYTES = 10 * 1024 * 1024
OPEN_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
OPEN_FOLDER = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC


class Refusal(Exception):
    """Why a file is not read; becomes a Problem."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


def read_fd(fd: int) -> bytes:
    """Everything up to MAX_BYTES + 1, so that a file that grows cannot fill the memory."""
    parts: list[bytes] = []
    left = MAX_BYTES + 1
    while left and (part := os.read(fd, min(left, 1 << 20))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def read_file(
    root_fd: int,
    path: str,
    *,
    max_bytes: int = MAX_BYTES,
    advice: str = "split it into articles",
    read: Callable[[int], bytes] = read_fd,
) -> bytes:
    """All of a regular file below the folder; raises Refusal or OSError."""
    for _ in range(2):
        fd = _open_below(root_fd, path.split("/"))
        try:
            before = os.fstat(fd)
            if not stat.S_ISREG(before.st_mode):
                raise Refusal("not a regular file (a pipe, socket or device); not read")
            if before.st_size > max_bytes:
                raise Refusal(_too_large(before.st_size, max_bytes, advice))
            data = read(fd)
            after = os.fstat(fd)
        finally:
            os.close(fd)
        if len(data) > max_bytes:
            raise Refusal(_too_large(len(data), max_bytes, advice))
        if len(data) == after.st_size and _version(before) == _version(after):
            return data
    raise Refusal("changed while it was read; ingest again when it is written completely")


def _version(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ino


def _open_below(root_fd: int, parts: list[str]) -> int:
    """Open step by step from the root, so that no link on the way is ever followed."""
    folder_fd = os.dup(root_fd)
    try:
        for part in parts[:-1]:
            next_fd = os.open(part, OPEN_FOLDER, dir_fd=folder_fd)
            os.close(folder_fd)
            folder_fd = next_fd
        return os.open(parts[-1], OPEN_FILE, dir_fd=folder_fd)
    finally:
        os.close(folder_fd)


def _too_large(size_bytes: int, max_bytes: int, advice: str) -> str:
    size = size_bytes / 1024 / 1024
    return f"{size:,.1f} MB, more than {max_bytes // 1024 // 1024} MB; {advice}"


def explain(error: OSError, thing: str) -> str:
    match error.errno:
        case errno.ENOENT:
            return "deleted while the knowledge base was read"
        case errno.ELOOP | errno.ENOTDIR:
            return "replaced by a symbolic link while the knowledge base was read"
        case errno.ENXIO | errno.ENODEV:
            return "not a regular file (a pipe, socket or device); not read"
        case _:
            return f"{thing} cannot be read ({error.strerror or error})"
