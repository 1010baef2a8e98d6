import ctypes
from collections.abc import Callable

import pytest

from ingest.embedding import heap


class Library:
    """Of C, with the functions that are given; what is called is kept."""

    def __init__(self, *names: str) -> None:
        self.called: list[tuple[str, tuple[int, ...]]] = []
        for name in names:
            setattr(self, name, self._recorder(name))

    def _recorder(self, name: str) -> Callable[..., int]:
        def record(*arguments: int) -> int:
            self.called.append((name, arguments))
            return 1

        return record


def test_what_is_free_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library("malloc_trim", "mallopt")
    monkeypatch.setattr(ctypes, "CDLL", lambda _: library)
    heap.give_back()
    heap.share(2)
    assert library.called == [("malloc_trim", (0,)), ("mallopt", (-8, 2))]


def test_where_there_is_no_such_function_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library()
    monkeypatch.setattr(ctypes, "CDLL", lambda _: library)
    heap.give_back()
    heap.share(2)
    assert library.called == []
