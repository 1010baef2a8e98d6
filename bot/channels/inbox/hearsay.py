"""Of which conversation something was heard, for those who follow the inbox in this process."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Hearsay:
    def __init__(self) -> None:
        self._followers: list[Callable[[str], None]] = []

    @contextmanager
    def followed_by(self, follower: Callable[[str], None]) -> Iterator[None]:
        self._followers.append(follower)
        try:
            yield
        finally:
            self._followers.remove(follower)

    def tell(self, conversation: str) -> None:
        for follower in tuple(self._followers):
            follower(conversation)
