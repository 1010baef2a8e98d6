"""The built-in desk: the tickets are in the store already, so agents are only told of them."""

from bot.domain.conversation import Message
from bot.domain.errors import StoreError
from bot.domain.outbox import Delivery, DeskRefused, DeskUnavailable
from bot.domain.ticket import Ticket
from bot.ports import Notice, NoticeStore


class InboxDesk:
    name = "inbox"

    def __init__(self, notices: NoticeStore) -> None:
        self._notices = notices

    async def deliver(self, delivery: Delivery, ticket: Ticket, message: Message | None) -> str:
        if delivery.kind is None:
            raise DeskRefused("the inbox is told of events only")
        notice = Notice(delivery.key, ticket.id, delivery.kind.value, delivery.created_at)
        try:
            await self._notices.add_notice(notice)
        except StoreError as error:
            raise DeskUnavailable(str(error)) from error
        return ticket.label
