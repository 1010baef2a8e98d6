"""What agents know of customers, in the store that keeps nothing."""

from collections.abc import Callable, Sequence

from bot.adapters.storable_text import check_storable
from bot.domain.conversation import Conversation
from bot.domain.customer import Customer
from bot.domain.errors import StoreError


class MemoryCustomers:
    _conversations: dict[str, Conversation]
    _customers: dict[str, Customer]

    def __init__(self) -> None:
        self._labels: dict[str, tuple[str, ...]] = {}

    async def conversations_of(self, customer_id: str, limit: int) -> Sequence[Conversation]:
        found = [one for one in self._conversations.values() if one.customer == customer_id]
        found.sort(key=lambda one: (-one.created_at.timestamp(), one.id))
        return tuple(found[:limit])

    async def labels(self, customer_id: str) -> Sequence[str]:
        return self._labels.get(customer_id, ())

    async def change_labels(
        self, customer_id: str, change: Callable[[Sequence[str]], Sequence[str]]
    ) -> Sequence[str]:
        if customer_id not in self._customers:
            raise StoreError(f"there is no customer {customer_id}")
        labels = tuple(change(self._labels.get(customer_id, ())))
        check_storable(*labels)
        self._labels[customer_id] = labels
        return labels
