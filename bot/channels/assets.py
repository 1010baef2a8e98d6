"""Files as browsers get them: packed once, and sent again only when they changed."""

import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from gzip import compress
from hashlib import sha256
from pathlib import Path
from typing import Annotated

from fastapi import Header
from starlette.responses import Response

from bot.channels.problems import Problem, ProblemKind

READS = ["GET", "HEAD"]
# Fresh at every visit, for the price of an empty answer.
OWN = {"Cache-Control": "no-cache", "Vary": "Accept-Encoding"}

AcceptEncoding = Annotated[str, Header()]
IfNoneMatch = Annotated[str, Header()]


@dataclass(frozen=True, slots=True)
class Asset:
    """A text file as it is sent; the packed form is made once."""

    content: bytes
    packed: bytes
    media_type: str
    etag: str

    @classmethod
    def of(cls, name: str, text: str) -> "Asset":
        content = text.encode()
        media_type = mimetypes.guess_type(name)[0] or "text/plain"
        etag = f'"{sha256(content).hexdigest()[:32]}"'
        return cls(content, compress(content, mtime=0), media_type, etag)

    @classmethod
    def load(cls, path: Path) -> "Asset":
        return cls.of(path.name, path.read_text("utf-8"))

    def respond(self, headers: Mapping[str, str], encoding: str, known: str) -> Response:
        headers = {**headers, "ETag": self.etag}
        if self.etag in known:
            return Response(status_code=304, headers=headers)
        if "gzip" not in encoding.lower():
            return Response(self.content, headers=headers, media_type=self.media_type)
        headers["Content-Encoding"] = "gzip"
        return Response(self.packed, headers=headers, media_type=self.media_type)


def load_assets(folder: Path, *suffixes: str) -> Mapping[str, Asset]:
    return {p.name: Asset.load(p) for p in sorted(folder.iterdir()) if p.suffix in suffixes}


def find_asset(assets: Mapping[str, Asset], name: str) -> Asset:
    if name not in assets:
        raise Problem(ProblemKind.NOT_FOUND)
    return assets[name]
