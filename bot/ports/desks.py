"""The seams of desks elsewhere: what they tell, how they are looked after, what is remembered."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from bot.domain.desk_news import DeskNews, DeskPage, Finding, Seal


class DeskListener(Protocol):
    """A desk that tells of its tickets."""

    @property
    def name(self) -> str: ...

    def verify(self, headers: Mapping[str, str], body: bytes) -> Seal:
        """Names of headers in lower case. Raises EventRefused unless the desk surely sent this
        within the last minutes."""
        ...

    async def read(self, body: bytes) -> DeskNews | None:
        """What a verified body is about; None where it is nothing of ours.

        Raises EventRefused for what cannot be read, DeskUnavailable, DeskRefused.
        """
        ...


@runtime_checkable
class AskedDesk(Protocol):
    """A desk that can be asked what became of its tickets; raises DeskUnavailable, DeskRefused."""

    @property
    def name(self) -> str: ...

    @property
    def tells(self) -> bool:
        """By itself, so that it need not be asked."""
        ...

    async def changed(self, place: str | None) -> DeskPage:
        """What changed since that place; None: within LOOK_BACK."""
        ...

    async def news(self, reference: str) -> DeskNews | None:
        """Of the desk's own id of a ticket; None where it is nothing of ours."""
        ...


class DeskInspector(Protocol):
    @property
    def name(self) -> str: ...

    async def check(self) -> Sequence[Finding]:
        """Whether everything is set up; never raises for what the desk does."""
        ...


class ReceiptStore(Protocol):
    """Which events of desks were taken. Every method is one transaction; failures raise
    StoreError."""

    async def receipt(self, desk: str, event: str) -> str | None:
        """The proof under which it was taken; None for one that was not."""
        ...

    async def add_receipt(self, desk: str, seal: Seal, at: datetime) -> None:
        """The first one stays. Those older than a month are forgotten."""
        ...

    async def is_told(self, ticket_id: str, desk: str) -> bool:
        """Whether everything that the desk had to hear of the ticket has arrived."""
        ...


class DeskPlaceStore(Protocol):
    """How far desks were asked. Every method is one transaction; failures raise StoreError."""

    async def desk_place(self, desk: str) -> str | None: ...

    async def save_desk_place(self, desk: str, place: str) -> None: ...

    async def lease_desk(self, desk: str, worker: str, until: datetime) -> bool:
        """One process asks a desk at a time; False while another one does."""
        ...
