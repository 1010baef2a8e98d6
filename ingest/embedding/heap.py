"""How much glibc keeps of what a process has freed; elsewhere nothing happens here."""

import ctypes

_ARENA_MAX = -8  # M_ARENA_MAX of malloc.h


def give_back() -> None:
    """What is free goes to the system: building a model leaves tens of MB that nothing needs."""
    _call("malloc_trim", 0)


def share(arenas: int) -> None:
    """Threads share so many heaps. By default there are eight a core, and each keeps its own."""
    _call("mallopt", _ARENA_MAX, arenas)


def _call(name: str, *arguments: int) -> None:
    function = getattr(ctypes.CDLL(None), name, None)
    if function is not None:
        function(*arguments)
