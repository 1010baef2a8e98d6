"""Which database is meant, how work reaches it, and what becomes of its errors."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from bot.domain.errors import ConfigurationError, StoreError

P = ParamSpec("P")
T = TypeVar("T")

URL_ADVICE = "use sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME"


class Database(Protocol):
    """Work is a plain function over a connection; its arguments follow it. Raises StoreError."""

    async def read(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Each statement of the work sees the latest commit."""
        ...

    async def write(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """The work is one transaction; an exception from it takes everything back."""
        ...

    async def close(self) -> None: ...


def parse_url(url: str) -> URL:
    """Raises ConfigurationError, which never shows the URL: it may hold a password."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise ConfigurationError(f"the database URL cannot be read; {URL_ADVICE}") from None
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise ConfigurationError(f"{parsed.drivername} is not supported; {URL_ADVICE}")
    return parsed


@contextmanager
def store_errors() -> Iterator[None]:
    """Turns what the database and its driver raise into StoreError."""
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        summary = str(cause).partition("\n")[0] or type(cause).__name__
        raise StoreError(
            f"the database refused: {summary}; see that it is reachable, writable and has room"
        ) from error
