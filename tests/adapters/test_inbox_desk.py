"""The built-in desk keeps what every desk has to keep."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bot.adapters.inbox_desk import InboxDesk
from bot.adapters.memory_store import MemoryStore
from bot.domain.errors import StoreError
from bot.domain.ticket import Ticket
from bot.ports import Notice
from tests.adapters.desk_contract import DeskContract, Outage, Seen
from tests.adapters.test_ticket_store import opened, started


class FragileStore(MemoryStore):
    broken = False

    async def add_notice(self, notice: Notice) -> bool:
        if self.broken:
            raise StoreError("the database is out of reach")
        return await super().add_notice(notice)


class TestInboxDesk(DeskContract):
    @pytest.fixture
    def notices(self) -> FragileStore:
        return FragileStore()

    @pytest.fixture
    async def ticket(self, notices: FragileStore) -> Ticket:
        return await opened(notices, await started(notices))

    @pytest.fixture
    def desk(self, notices: FragileStore) -> InboxDesk:
        return InboxDesk(notices)

    @pytest.fixture
    def seen(self, notices: FragileStore) -> Seen:
        async def look() -> list[tuple[str | None, str]]:
            return [(notice.ticket, notice.key) for notice in await notices.notices()]

        return look

    @pytest.fixture
    def outage(self, notices: FragileStore) -> Outage:
        @contextmanager
        def broken() -> Iterator[None]:
            notices.broken = True
            yield
            notices.broken = False

        return broken
