"""First step of ingestion: the Markdown files below a folder, read safely, in a stable order."""

import os
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ingest.article import Problem
from ingest.files import MAX_BYTES, OPEN_FOLDER, Refusal, explain, read_fd, read_file

__all__ = ["MAX_BYTES", "MAX_DEPTH", "Document", "discover", "read_fd"]

SUFFIXES = (".md", ".markdown", ".mdx")
SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__"})
MAX_DEPTH = 40  # folders below the root

_NEWLINE = re.compile(r"\r\n?")
_HAN = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Document:
    """A file as read: newlines are `\\n`, the byte order mark is gone."""

    path: str  # below the root, `/` separators
    text: str
    sha256: str  # of the bytes on disk


@dataclass(frozen=True, slots=True)
class _Entry:
    path: str
    target: str  # what is opened: the path itself, or where a symbolic link inside the root leads


def discover(root: Path, read: Callable[[int], bytes] = read_fd) -> Iterator[Document | Problem]:
    """Every Markdown file below `root`, sorted by path; what cannot be read is a Problem.

    Nothing outside of `root` is opened, and nothing that is not a regular file is read.
    """
    root = Path(os.path.realpath(root))
    root_fd = os.open(root, OPEN_FOLDER)
    try:
        found = sorted(_list(root, root_fd, ()), key=lambda item: item.path)
        seen: dict[str, str] = {}
        for item in found:
            if isinstance(item, Problem):
                yield item
                continue
            first = seen.setdefault(_collision_key(item.path), item.path)
            if first != item.path:
                reason = f"its name differs from {first} only by case or accents' encoding"
                yield Problem(item.path, None, f"{reason}; rename one of them")
            else:
                yield _load(root_fd, item, read)
    finally:
        os.close(root_fd)


def _collision_key(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()


def _list(root: Path, folder_fd: int, above: tuple[str, ...]) -> Iterator[_Entry | Problem]:
    try:
        with os.scandir(folder_fd) as entries:
            children = list(entries)
    except OSError as error:
        yield Problem(_shown("/".join(above)) or ".", None, explain(error, "folder"))
        return
    for child in children:
        if child.name.startswith("."):
            continue
        path = "/".join((*above, child.name))
        if child.is_dir(follow_symlinks=False):
            if child.name not in SKIPPED_FOLDERS:
                yield from _list_below(root, folder_fd, (*above, child.name))
        elif child.is_symlink():
            yield from _list_link(root, path)
        elif child.name.lower().endswith(SUFFIXES):
            yield _named(path, path)


def _list_below(root: Path, parent_fd: int, parts: tuple[str, ...]) -> Iterator[_Entry | Problem]:
    path = _shown("/".join(parts))
    if len(parts) > MAX_DEPTH:
        yield Problem(path, None, f"folders are nested deeper than {MAX_DEPTH}; not searched")
        return
    try:
        fd = os.open(parts[-1], OPEN_FOLDER, dir_fd=parent_fd)
    except OSError as error:
        yield Problem(path, None, explain(error, "folder"))
        return
    try:
        yield from _list(root, fd, parts)
    finally:
        os.close(fd)


def _list_link(root: Path, path: str) -> Iterator[_Entry | Problem]:
    """A link is read only when it leads to a file inside the root that is not found by itself."""
    shown = _shown(path)
    is_markdown = path.lower().endswith(SUFFIXES)
    try:
        target = os.path.realpath(root / path, strict=True)
        is_folder = os.path.isdir(target)
    except OSError as error:
        if is_markdown:
            yield Problem(shown, None, f"broken symbolic link ({os.strerror(error.errno or 0)})")
        return
    if not is_markdown and not is_folder:
        return
    if not Path(target).is_relative_to(root):
        yield Problem(shown, None, "symbolic link that leads out of the knowledge base; not read")
        return
    inner = Path(target).relative_to(root).as_posix()
    if _is_found_by_itself(inner, is_folder):
        return
    if is_folder:
        yield Problem(shown, None, "symbolic link to a skipped folder; not read")
    else:
        yield _named(path, inner)


def _is_found_by_itself(inner: str, is_folder: bool) -> bool:
    parts = [part for part in inner.split("/") if part != "."]  # "." is the root itself
    folders = parts if is_folder else parts[:-1]
    if any(part.startswith(".") for part in parts) or SKIPPED_FOLDERS.intersection(folders):
        return False
    return is_folder or inner.lower().endswith(SUFFIXES)


def _named(path: str, target: str) -> _Entry | Problem:
    """A name that could not be shown, logged or stored as JSON is a problem."""
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in path):
        reason = "its name has control characters or is not UTF-8; rename it"
        return Problem(_shown(path), None, reason)
    return _Entry(path, target)


def _shown(path: str) -> str:
    """The path with what cannot be printed escaped."""
    return "".join(
        char.encode("unicode_escape").decode()
        if unicodedata.category(char) in ("Cc", "Cs")
        else char
        for char in path
    )


def _load(root_fd: int, entry: _Entry, read: Callable[[int], bytes]) -> Document | Problem:
    try:
        data = read_file(root_fd, entry.target, read=read)
        text = _decode(data)
    except Refusal as refusal:
        return Problem(entry.path, refusal.line, refusal.reason)
    except OSError as error:
        return Problem(entry.path, None, explain(error, "file"))
    return Document(entry.path, text, sha256(data).hexdigest())


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refusal("not UTF-8 (looks like UTF-16); save as UTF-8", 1)
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        sample = data[:4000]
        halves = (sample[::2].count(0), sample[1::2].count(0))
        if max(halves) * 5 > len(sample):
            raise Refusal("not UTF-8 (looks like UTF-16); save as UTF-8", line)
        raise Refusal("binary content (a NUL byte), not Markdown text", line)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        looks = " (looks like GBK)" if _is_gbk(data) else ""
        raise Refusal(f"not UTF-8{looks}; save as UTF-8", line) from None
    return _NEWLINE.sub("\n", text)


def _is_gbk(data: bytes) -> bool:
    try:
        return _HAN.search(data.decode("gb18030")) is not None
    except UnicodeDecodeError:
        return False
