"""Tables in which one process at a time has a row, known by its name."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, Insert, Table, Update, bindparam, or_, update
from sqlalchemy.dialects import postgresql, sqlite


class LeasedTable:
    """Columns `name`, `worker`, `lease_until`, and whatever the row is kept for."""

    def __init__(self, table: Table) -> None:
        self._add: Mapping[str, Insert] = {
            "sqlite": sqlite.insert(table).on_conflict_do_nothing(index_elements=["name"]),
            "postgresql": postgresql.insert(table).on_conflict_do_nothing(index_elements=["name"]),
        }
        self._change: Update = update(table).where(table.c.name == bindparam("row_name"))
        self._lease = self._change.where(
            or_(
                table.c.worker == bindparam("leaser"),
                table.c.lease_until.is_(None),
                table.c.lease_until <= bindparam("now"),
            )
        ).values(worker=bindparam("leaser"), lease_until=bindparam("until"))

    def save(self, connection: Connection, name: str, values: Mapping[str, object]) -> None:
        connection.execute(self._add[connection.dialect.name], {"name": name})
        connection.execute(self._change.values(**values), {"row_name": name})

    def lease(
        self, connection: Connection, name: str, worker: str, until: datetime, at: datetime
    ) -> bool:
        connection.execute(self._add[connection.dialect.name], {"name": name})
        values = {"row_name": name, "leaser": worker, "until": until, "now": at}
        return connection.execute(self._lease, values).rowcount == 1
