"""Fixtures that several suites of this folder share."""

from tests.adapters.desks import ticket
from tests.adapters.stores import (
    clock,
    memory_store,
    postgresql_store,
    sqlite_store,
    store,
    url,
)

__all__ = ["clock", "memory_store", "postgresql_store", "sqlite_store", "store", "ticket", "url"]
