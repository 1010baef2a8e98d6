"""The store of a single process that keeps nothing: one question, a batch of dialogues, tests."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.adapters.memory_customers import MemoryCustomers
from bot.adapters.memory_desk_places import MemoryDeskPlaces
from bot.adapters.memory_inbound import MemoryInbound
from bot.adapters.memory_live import MemoryLive
from bot.adapters.memory_mails import MemoryMails
from bot.adapters.memory_receipts import MemoryReceipts
from bot.adapters.memory_surveys import MemorySurveys
from bot.adapters.memory_tickets import MemoryTickets
from bot.adapters.storable_text import check_storable
from bot.domain.conversation import Author, Conversation, ConversationStatus, Message, now
from bot.domain.customer import Customer
from bot.domain.errors import StoreError
from bot.domain.feedback import Feedback
from bot.domain.outbox import PUSHED_CHANNELS, channel_delivery
from bot.domain.reply import DecisionKind, Reply
from bot.domain.understanding import Tone
from bot.domain.wrong_answer import WrongAnswer
from bot.ports import Escalation, Turn, TurnTrace


@dataclass(slots=True)
class _Work:
    """A turn and who is at it."""

    turn: Turn
    worker: str | None = None
    lease_until: datetime | None = None

    def is_leased(self, at: datetime) -> bool:
        return self.lease_until is not None and self.lease_until > at


class MemoryStore(
    MemoryTickets,
    MemorySurveys,
    MemoryCustomers,
    MemoryLive,
    MemoryReceipts,
    MemoryDeskPlaces,
    MemoryMails,
    MemoryInbound,
):
    # No method awaits anything, so on one event loop each is a transaction by itself.

    def __init__(self, clock: Callable[[], datetime] = now) -> None:
        MemoryTickets.__init__(self, clock)
        MemorySurveys.__init__(self)
        MemoryCustomers.__init__(self)
        MemoryReceipts.__init__(self)
        MemoryDeskPlaces.__init__(self)
        MemoryMails.__init__(self)
        MemoryInbound.__init__(self)
        self._feedback: dict[str, Feedback] = {}  # by the id of the message it is on
        self._wrong_answers: dict[str, WrongAnswer] = {}  # likewise
        self._works: dict[str, _Work] = {}  # by the id of the customer's message
        self._replies: dict[str, Reply] = {}  # by the id of the bot's message
        self._client_keys: dict[tuple[str, str], str] = {}  # (conversation, key) to message id

    async def add_conversation(self, conversation: Conversation) -> None:
        check_storable(conversation.id, conversation.channel, conversation.token_digest)
        check_storable(conversation.timezone, conversation.page, conversation.address)
        if conversation.id in self._conversations:
            raise StoreError(f"conversation {conversation.id} exists already")
        if conversation.customer is not None and conversation.customer not in self._customers:
            raise StoreError(f"there is no customer {conversation.customer}")
        self._conversations[conversation.id] = conversation
        self._messages[conversation.id] = []

    async def add_message(self, message: Message) -> None:
        """A recorded message, of any author, that nobody has to reply to."""
        self._append(message)

    async def set_status(self, conversation_id: str, status: ConversationStatus) -> None:
        """As if a person had taken it: of a dialogue for which no ticket is made."""
        found = self._conversations[conversation_id]
        self._conversations[conversation_id] = replace(found, status=status)

    async def conversation(self, conversation_id: str) -> Conversation | None:
        return self._conversations.get(conversation_id)

    async def save_customer(self, customer: Customer) -> None:
        check_storable(customer.id, customer.name, customer.email, customer.organisation)
        self._customers[customer.id] = customer

    async def customer(self, customer_id: str) -> Customer | None:
        return self._customers.get(customer_id)

    async def identify(
        self, conversation: Conversation, customer: Customer, token_digest: str
    ) -> bool:
        found = self._conversations.get(conversation.id)
        if found is None or found.token_digest is None:
            return False
        if found.token_digest != conversation.token_digest:
            return False
        if found.customer not in (None, customer.id):
            return False
        await self.save_customer(customer)
        self._conversations[found.id] = replace(
            found, customer=customer.id, token_digest=token_digest
        )
        self._know_customer(found.id, customer, self._clock())
        return True

    async def messages(self, conversation_id: str, after: str | None = None) -> Sequence[Message]:
        everything = self._messages.get(conversation_id, [])
        ids = [message.id for message in everything]
        return tuple(everything[ids.index(after) + 1 :] if after in ids else everything)

    async def message(self, message_id: str) -> Message | None:
        return self._by_id.get(message_id)

    async def save_feedback(self, feedback: Feedback) -> None:
        check_storable(feedback.message, feedback.comment)
        if feedback.message not in self._by_id:
            raise StoreError(f"there is no message {feedback.message}")
        self._feedback[feedback.message] = feedback

    async def save_wrong_answer(self, wrong: WrongAnswer) -> None:
        check_storable(wrong.message, wrong.expected, wrong.comment)
        if wrong.message not in self._by_id:
            raise StoreError(f"there is no message {wrong.message}")
        self._wrong_answers[wrong.message] = wrong

    async def wrong_answers(
        self, message_ids: Sequence[str] | None = None
    ) -> Mapping[str, WrongAnswer]:
        marks = sorted(self._wrong_answers.values(), key=lambda one: (one.created_at, one.message))
        return {
            wrong.message: wrong
            for wrong in marks
            if message_ids is None or wrong.message in message_ids
        }

    async def feedback(self, message_ids: Sequence[str]) -> Mapping[str, Feedback]:
        return {id: self._feedback[id] for id in message_ids if id in self._feedback}

    async def replies(self, message_ids: Sequence[str]) -> Mapping[str, Reply]:
        return {id: self._replies[id] for id in message_ids if id in self._replies}

    async def accept(self, message: Message, *, closes: bool = False) -> Turn:
        if message.client_message_id is None:
            return self._begin(message, closes)
        key = (message.conversation, message.client_message_id)
        if key in self._client_keys:
            return self._works[self._client_keys[key]].turn
        turn = self._begin(message, closes)
        self._client_keys[key] = message.id
        return turn

    async def turn(self, message_id: str) -> Turn | None:
        work = self._works.get(message_id)
        return work.turn if work else None

    async def tones(self, conversation_ids: Collection[str]) -> Mapping[str, Mapping[str, Tone]]:
        turns = [work.turn for work in self._works.values()]
        return {
            asked: {
                turn.message.id: turn.reply.tone
                for turn in turns
                if turn.reply is not None and turn.message.conversation == asked
            }
            for asked in conversation_ids
        }

    async def claim(self, message_id: str, worker: str, until: datetime) -> bool:
        work = self._works.get(message_id)
        if work is None or work.turn.reply is not None:
            return False
        if work.worker != worker and work.is_leased(self._clock()):
            return False
        work.worker, work.lease_until = worker, until
        return True

    async def finish(
        self,
        message_id: str,
        worker: str,
        reply: Reply,
        trace: TurnTrace,
        escalation: Escalation | None = None,
    ) -> Reply | None:
        work = self._works.get(message_id)
        if work is None or work.worker != worker or work.turn.reply is not None:
            return None
        question = work.turn.message
        is_with_person = self._conversations[question.conversation].status.is_with_person
        if reply.decision is DecisionKind.SILENT and not is_with_person:
            return None
        if reply.conversation != question.conversation:
            raise StoreError("a reply is stored in the conversation of its question")
        if is_with_person or (escalation and self._is_known(escalation)):
            reply, escalation = reply.silenced(), None
        if reply.decision is not DecisionKind.SILENT:
            said = self._bot_message(reply, question.conversation)
            self._append(said)
            self._replies[said.id] = reply
            self._push(said)
        if escalation is not None:
            self._escalate(escalation)
        elif is_with_person:
            self._hear_customer(question)
        work.turn = replace(work.turn, reply=reply)
        return reply

    async def unfinished(self) -> Sequence[Message]:
        at = self._clock()
        return tuple(
            work.turn.message
            for work in self._works.values()
            if work.turn.reply is None and not work.is_leased(at)
        )

    async def check_writable(self) -> None:
        """Memory always is."""

    async def close(self) -> None:
        """What it held is gone with it."""

    def _begin(self, message: Message, closes: bool) -> Turn:
        self._append(message)
        turn = Turn(message)
        self._works[message.id] = _Work(turn)
        conversation = self._conversations[message.conversation]
        if conversation.status.is_with_person:
            self._hear_customer(message, closes=closes)
        elif conversation.status is ConversationStatus.RESOLVED:  # a new topic for the bot
            pending = replace(conversation, status=ConversationStatus.PENDING)
            self._conversations[conversation.id] = pending
        return turn

    def _push(self, said: Message) -> None:
        channel = self._conversations[said.conversation].channel
        if channel in PUSHED_CHANNELS:
            self._send(channel_delivery(None, channel, said))

    def _bot_message(self, reply: Reply, conversation_id: str) -> Message:
        if reply.message is None:
            raise StoreError("a reply is stored with an id of its own")
        return Message(
            conversation=conversation_id,
            author=Author.BOT,
            text=reply.text,
            id=reply.message,
            created_at=self._clock(),
            outcome=reply.outcome,
        )
