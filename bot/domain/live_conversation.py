"""A conversation that the bot has at the moment, as agents see it who have no part in it yet."""

from dataclasses import dataclass

from bot.domain.conversation import Conversation, Message
from bot.domain.customer import Customer


@dataclass(frozen=True, slots=True)
class LiveConversation:
    conversation: Conversation
    customer: Customer | None  # as the company knows them; None for a visitor
    last: Message  # that somebody said: the customer, the bot, an agent
