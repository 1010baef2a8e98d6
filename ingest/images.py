"""The images that public articles show: found below the root, checked, carried by the snapshot.

images.json                 path below the knowledge base -> name
images/<SHA-256>.<type>     each content once; the type is what the bytes say, not the file's name
"""

import errno
import json
import os
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from ingest.article import Article, Block, BlockKind, Problem
from ingest.errors import IngestError
from ingest.files import OPEN_FOLDER, Refusal, explain, read_file
from ingest.image_marks import addresses_in

FILE = "images.json"
FOLDER = "images"
MAX_IMAGE_BYTES = 5 * 1024 * 1024
MAX_TOTAL_BYTES = 200 * 1024 * 1024

_COMMENTS = rb"(?:<!--(?:(?!-->).)*+-->\s*+)*+"  # possessive: millions of them take no longer
_SIGNATURES: Sequence[tuple[str, re.Pattern[bytes]]] = (
    ("png", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("jpeg", re.compile(rb"\xff\xd8\xff")),
    ("gif", re.compile(rb"GIF8[79]a")),
    ("webp", re.compile(rb"RIFF....WEBP", re.DOTALL)),
    ("avif", re.compile(rb".{4}ftyp(?:avif|avis|mif1.{0,24}avif)", re.DOTALL)),
    (
        "svg",  # a document type may have no subset of its own: entities can grow without end
        re.compile(
            rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}\?>\s*)?" + _COMMENTS
            + rb"(?:<!DOCTYPE\s+svg[^\[>]{0,400}>\s*)?" + _COMMENTS + rb"<svg[\s>]",
            re.DOTALL,
        ),
    ),
)  # fmt: skip
TYPES = tuple(name for name, _ in _SIGNATURES)


class Reference(NamedTuple):
    """Where an article shows an image."""

    path: str  # of the article
    line: int
    address: str  # as written


@dataclass(frozen=True, slots=True)
class Images:
    """The name of each image's content by its path. `root` is the knowledge base while that is
    ingested, and the folder of the snapshot that was loaded."""

    root: Path = field(default_factory=Path)
    names: Mapping[str, str] = field(default_factory=dict)

    def save(self, folder: Path) -> None:
        """From the knowledge base into a snapshot; raises IngestError when an image changed."""
        paths = {name: path for path, name in self.names.items()}
        (folder / FOLDER).mkdir()
        with _opened(self.root) as root_fd:
            for name, path in paths.items():
                (folder / FOLDER / name).write_bytes(_read_again(root_fd, path, name))
        text = json.dumps(self.names, ensure_ascii=False, indent=0, sort_keys=True)
        (folder / FILE).write_text(text, "utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Images":
        return cls(folder, json.loads((folder / FILE).read_text("utf-8")))

    def read(self, name: str) -> bytes | None:
        """Of the snapshot; None for what no public article shows."""
        if name not in self.names.values():
            return None
        return (self.root / FOLDER / name).read_bytes()


def references_in(article: Article) -> Iterator[Reference]:
    """Every image of a public article; those of an internal one do not travel."""
    if article.audience == "public":
        for section in article.sections:
            for block in section.blocks:
                yield from _references(article.path, block)


def _references(path: str, block: Block) -> Iterator[Reference]:
    if block.parts:
        for part in block.parts:
            yield from _references(path, part)
    elif block.kind is not BlockKind.CODE:
        for address in filter(None, addresses_in(block.markdown)):
            yield Reference(path, block.line, address)


def locate(address: str, article: str) -> str | None:
    """The path below the root that an article's image address means; None when it leads to the web
    or out of the knowledge base."""
    try:
        parts = urlsplit(address)
        path = unquote(parts.path, errors="strict")
    except ValueError:
        return None
    if parts.scheme or parts.netloc or not path or "\0" in path or "\\" in path:
        return None
    folder = "" if path.startswith("/") else posixpath.dirname(article)
    path = posixpath.normpath(posixpath.join(folder, path.lstrip("/")))
    return None if any(part.startswith(".") for part in path.split("/")) else path


def collect_images(root: Path, references: Iterable[Reference]) -> tuple[Images, list[Problem]]:
    """What can be shown; each image that cannot is one problem, where it is first referred to."""
    names: dict[str, str] = {}
    total_bytes = 0
    kept: set[str] = set()
    problems: dict[str, Problem] = {}
    with _opened(root) as root_fd:
        for article, line, address in references:
            if _leads_to_web(address):
                continue
            path = locate(address, article)
            if path in names or (path or address) in problems:
                continue
            try:
                if path is None:
                    raise Refusal("leads out of the knowledge base")
                name, size = _inspect(root_fd, path)
                more_bytes = 0 if name in kept else size
                if total_bytes + more_bytes > MAX_TOTAL_BYTES:
                    limit = MAX_TOTAL_BYTES // 1024 // 1024
                    raise Refusal(f"all images together are larger than {limit} MB")
            except Refusal as refusal:
                reason = f"image {path or unquote(address)}: {refusal.reason}; left out"
                problems[path or address] = Problem(article, line, reason)
            else:
                names[path] = name
                kept.add(name)
                total_bytes += more_bytes
    return Images(root, names), list(problems.values())


def _leads_to_web(address: str) -> bool:
    return re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//", address) is not None


def _inspect(root_fd: int, path: str) -> tuple[str, int]:
    """Name and size of an image; raises Refusal."""
    data = _read(root_fd, path)
    kind = kind_of(data)
    if kind is None:
        raise Refusal("not a PNG, JPEG, GIF, WebP, AVIF or plain SVG file")
    return f"{sha256(data).hexdigest()}.{kind}", len(data)


def kind_of(data: bytes) -> str | None:
    """One of TYPES, by the first bytes."""
    kind = next((name for name, signature in _SIGNATURES if signature.match(data)), None)
    return None if kind == "svg" and b"<!ENTITY" in data else kind


def _read(root_fd: int, path: str) -> bytes:
    try:
        return read_file(root_fd, path, max_bytes=MAX_IMAGE_BYTES, advice="make it smaller")
    except OSError as error:
        if error.errno == errno.ENOENT:
            raise Refusal("no such file") from error
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise Refusal("a symbolic link or not below a folder") from error
        raise Refusal(explain(error, "file")) from error


def _read_again(root_fd: int, path: str, name: str) -> bytes:
    try:
        data = _read(root_fd, path)
    except Refusal as refusal:
        raise IngestError(f"image {path}: {refusal.reason}; ingest again") from refusal
    if not name.startswith(sha256(data).hexdigest()):
        raise IngestError(f"image {path} changed while it was read; ingest again")
    return data


@contextmanager
def _opened(root: Path) -> Iterator[int]:
    fd = os.open(os.path.realpath(root), OPEN_FOLDER)
    try:
        yield fd
    finally:
        os.close(fd)
