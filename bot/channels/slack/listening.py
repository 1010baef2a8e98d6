"""What is said in Slack: which of it is said to the bot, and in which conversation.

A thread is a conversation. A direct message always is for the bot, elsewhere who names it; in a
thread where it takes part, the asker need not name it again, and once a person has the conversation
everybody is heard.
"""

import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bot.channels.slack import CHANNEL
from bot.channels.slack.audience import hold_to_channel
from bot.channels.slack.events import bot_user_of, team_of
from bot.channels.slack.locales import Locales, locale_of
from bot.channels.slack.people import Calls, Person, SlackPeople, customer_id
from bot.channels.slack.place import Place, message_key
from bot.channels.slack.reading import mentions, plain_text
from bot.domain.conversation import Author, Conversation, Locale, Message, now
from bot.domain.desk_news import actor_at
from bot.domain.inbound import InboundEvent
from bot.domain.outbox import DeskRefused
from bot.ports import Prompts, Storage
from bot.services.casework import Casework
from bot.services.running_turn import RunningTurn
from bot.services.turns import TurnRunner

log = logging.getLogger(__name__)

LONGEST_TEXT = 4000  # characters, as in the widget

# Takes the message of an event that is nobody's question, such as an agent's below a ticket's card;
# False where it is none of that.
Diversion = Callable[[str, Mapping[str, Any]], Awaitable[bool]]


class Presenter(Protocol):
    def follow(self, turn: RunningTurn, place: Place, user: str) -> None:
        """Shows there what comes while the turn runs."""
        ...


class AutoAnswers(Protocol):
    async def wants(self, channel: str, text: str) -> bool:
        """Whether to answer what was said there to nobody in particular."""
        ...


@dataclass(frozen=True, slots=True)
class Said:
    """A message of somebody."""

    place: Place
    user: str
    ts: str
    raw: str  # with Slack's own marks
    bot_user: str
    is_direct: bool
    is_reply: bool
    files: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return message_key(self.place.team, self.place.channel, self.ts)

    @property
    def names_bot(self) -> bool:
        return self.bot_user in mentions(self.raw)

    @property
    def text(self) -> str:
        return plain_text(self.raw, self.bot_user)


class SlackListening:
    def __init__(
        self,
        store: Storage,
        turns: TurnRunner,
        casework: Casework,
        people: SlackPeople,
        calls: Calls,
        prompts: Prompts,
        default_locale: Locale,
        internal_channels: Collection[str] = (),
        presenter: Presenter | None = None,
        auto: AutoAnswers | None = None,
        diversions: Sequence[Diversion] = (),
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._store = store
        self._turns = turns
        self._casework = casework
        self._people = people
        self._calls = calls
        self._prompts = prompts
        self._default_locale = default_locale
        self._locales = Locales(calls, default_locale)
        self._internal_channels = frozenset(internal_channels)
        self._presenter = presenter
        self._auto = auto
        self._diversions = tuple(diversions)
        self._clock = clock

    async def hear(self, event: InboundEvent) -> None:
        """Raises DeskUnavailable, StoreError: then it is heard once more, which changes nothing
        that was done."""
        message, team = event.body["event"], team_of(event.body)
        for divert in self._diversions:
            if await divert(team, message):
                return
        said = await self._said(event.body, message)
        await self._answer(said, said.key)

    async def hear_edit(self, event: InboundEvent) -> None:
        """What is asked otherwise is asked anew; a link that only unfolded changes nothing."""
        told = event.body["event"]
        message, before = told["message"], told.get("previous_message") or {}
        if not message.get("edited") or message.get("text") == before.get("text"):
            return
        said = await self._said(event.body, {**message, **_where(told)})
        if said.text == plain_text(str(before.get("text") or ""), said.bot_user):
            return
        await self._answer(said, f"{said.key}/{message['edited'].get('ts', '')}")

    async def hear_deletion(self, event: InboundEvent) -> None:
        """Whoever works on the ticket learns of it; what was said stays in the conversation."""
        conversation = await self._store.thread(CHANNEL, event.group)
        tickets = await self._store.tickets_of(conversation or "")
        for ticket in [one for one in tickets if one.state.is_active]:
            text = self._prompts.text("slack", ticket.packet.locale, "deleted")
            await self._casework.note(ticket.id, actor_at(CHANNEL, "Slack"), text, event.key)

    async def _answer(self, said: Said, key: str) -> None:
        known = await self._store.thread(CHANNEL, said.place.address)
        conversation = await self._store.conversation(known) if known is not None else None
        if not await self._is_addressed(said, conversation):
            return
        person = await self._people.person(said.place.team, said.user)
        if person.is_bot:
            return
        if conversation is None:
            conversation = await self._begin(said, person)
        channel, internal = said.place.channel, self._internal_channels
        await hold_to_channel(self._store, conversation, channel, internal)
        text = await self._text(said, conversation, person)
        message = Message(
            conversation.id,
            Author.CUSTOMER,
            text[:LONGEST_TEXT],
            created_at=self._clock(),
            client_message_id=key,
        )
        turn = await self._turns.submit(message)
        if self._presenter is not None and not conversation.status.is_with_person:
            self._presenter.follow(turn, said.place, said.user)

    async def _is_addressed(self, said: Said, conversation: Conversation | None) -> bool:
        if said.is_direct or said.names_bot:
            return True
        named = mentions(said.raw)
        if conversation is not None:
            if conversation.status.is_with_person:
                return True
            is_asker = conversation.customer == customer_id(said.place.team, said.user)
            return is_asker and not named
        if said.is_reply or named or self._auto is None or not said.text:
            return False
        return await self._auto.wants(said.place.channel, said.text)

    async def _begin(self, said: Said, person: Person) -> Conversation:
        conversation = Conversation(
            CHANNEL,
            created_at=self._clock(),
            customer=person.customer.id,
            timezone=person.timezone,
            address=said.place.address,
            internal=said.place.channel in self._internal_channels,
        )
        held = await self._store.begin_thread(CHANNEL, said.place.address, conversation)
        if held == conversation.id:
            return conversation
        return await self._store.conversation(held) or conversation

    async def _text(self, said: Said, conversation: Conversation, person: Person) -> str:
        text, locale = said.text, await self._locale(said, conversation)
        if said.files:
            attached = self._prompts.text("slack", locale, "attached", names=", ".join(said.files))
            text = f"{text}\n\n{attached}".strip()
        if not text and said.is_reply:
            text = await self._above(said)
        if conversation.status.is_with_person and conversation.customer != person.customer.id:
            return f"{person.customer.name or said.user}: {text}"
        return text or self._prompts.text("slack", locale, "called")

    async def _locale(self, said: Said, conversation: Conversation) -> Locale:
        """Of what they write now, or wrote last; else the one they chose in Slack."""
        asked = await self._store.messages(conversation.id) if not said.text else ()
        written = [one.text for one in asked if one.author is Author.CUSTOMER]
        if text := said.text or "".join(written[-1:]):
            return locale_of(text, self._default_locale)
        return await self._locales.of(said.place.team, said.user)

    async def _above(self, said: Said) -> str:
        """Who only names the bot below a question means that one."""
        place = said.place
        try:
            page = await self._calls.call(
                place.team, "conversations.replies", channel=place.channel, ts=place.thread, limit=1
            )
        except DeskRefused as error:
            log.info("the question above is not read: %s", error)
            return ""
        first: Mapping[str, Any] = next(iter(page.get("messages") or ()), {})
        return plain_text(str(first.get("text") or ""), said.bot_user)

    async def _said(self, body: Mapping[str, Any], message: Mapping[str, Any]) -> Said:
        team, ts = team_of(body), str(message["ts"])
        thread = str(message.get("thread_ts") or ts)
        files = message.get("files") or ()
        return Said(
            place=Place(team, str(message["channel"]), thread),
            user=str(message.get("user") or ""),
            ts=ts,
            raw=str(message.get("text") or ""),
            bot_user=bot_user_of(body) or await self._people.bot_user(team),
            is_direct=message.get("channel_type") == "im" or message["channel"].startswith("D"),
            is_reply=thread != ts,
            files=tuple(str(one.get("name") or "file") for one in files),
        )


def _where(told: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: told[name] for name in ("channel", "channel_type") if name in told}
