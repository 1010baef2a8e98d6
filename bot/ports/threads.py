"""The seams of channels whose conversations are threads somewhere else."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Post:
    channel: str
    key: str
    conversation: str
    place: str
    reference: str | None = None
    state: str = "begun"


class PostStore(Protocol):
    async def post(self, channel: str, key: str) -> Post | None: ...

    async def save_post(self, post: Post) -> None: ...
