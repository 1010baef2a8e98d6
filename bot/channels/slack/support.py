"""Asking for a person by a command: `/support`."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.channels.chat.locales import locale_of
from bot.channels.chat.place import Place
from bot.channels.chat.posting import Poster
from bot.channels.chat.program import People, Wall, customer_id
from bot.channels.chat.sheet import Quote, Sheet
from bot.channels.chat.survey import Home
from bot.channels.chat.text import Words, plain_line
from bot.channels.slack import CHANNEL
from bot.channels.slack.place import link_to
from bot.channels.slack.reading import plain_text
from bot.channels.slack.wall import Calls
from bot.domain.conversation import Author, Conversation, Locale, Message, now
from bot.domain.inbound import InboundEvent, Thread
from bot.domain.outbox import DeskRefused
from bot.ports import Prompts
from bot.services.person_requests import PersonRequests
from bot.services.turns import TurnRunner

log = logging.getLogger(__name__)

ACT = "slack_support"
COMMAND = "/support"
RECENT = timedelta(minutes=30)  # a thread of theirs in which they may mean a person
LONGEST_TEXT = 4000  # characters, as in the widget


class Asked(Protocol):
    async def conversation(self, conversation_id: str) -> Conversation | None: ...

    async def threads_since(self, channel: str, since: datetime) -> Sequence[Thread]: ...

    async def begin_thread(self, channel: str, address: str, conversation: Conversation) -> str: ...


class SupportCommand:
    """Raises DeskUnavailable, DeskRefused and StoreError; what is done again changes nothing."""

    def __init__(
        self,
        calls: Calls,
        wall: Wall,
        poster: Poster,
        store: Asked,
        people: People,
        turns: TurnRunner,
        requests: PersonRequests,
        prompts: Prompts,
        home: Home,
        clock: Callable[[], datetime] = now,
    ) -> None:
        """`home`: where a conversation goes on that only its asker sees."""
        self._calls = calls
        self._wall = wall
        self._poster = poster
        self._store = store
        self._people = people
        self._turns = turns
        self._requests = requests
        self._prompts = prompts
        self._home = home
        self._clock = clock

    async def handle(self, event: InboundEvent) -> None:
        body = event.body
        at = Place(str(body["team_id"]), str(body["channel_id"]))
        user, text = str(body["user_id"]), plain_text(str(body.get("text") or "")).strip()
        own = await self._people.locale(at.team, user)
        locale = locale_of(text, own)
        conversation = await self._recent(at, user)
        if conversation is None:
            conversation = await self._begun(event, at.team, user, text, locale)
        await self._ask(conversation, event, text, own)
        says, place = await self._goes_on(conversation, at, user)
        words = self._prompts.text(ACT, locale, says, link=link_to(place))
        await self._tell(at, user, words)

    async def _recent(self, at: Place, user: str) -> Conversation | None:
        """The thread in which they asked here just now: a command cannot be given in a thread.
        Else their direct message in which somebody was asked for already."""
        customer, asked = customer_id(CHANNEL, at.team, user), None
        for thread in await self._store.threads_since(CHANNEL, self._clock() - RECENT):
            place = Place.parse(thread.address)
            is_here = place.around == at
            if place.team != at.team or not (is_here or _is_direct(place)):
                continue
            conversation = await self._store.conversation(thread.conversation)
            if conversation is None or conversation.customer != customer:
                continue
            if is_here:
                return conversation
            if asked is None and conversation.status.is_with_person:
                asked = conversation
        return asked

    async def _goes_on(self, conversation: Conversation, at: Place, user: str) -> tuple[str, Place]:
        """Where, and the words for it."""
        place = Place.parse(conversation.address or at.address)
        if place.is_ephemeral:
            home = await self._home(conversation)
            if home is None:
                return "alone", await self._direct(at.team, user)
            place = home
        return "here" if place.around == at else "there", place

    async def _direct(self, team: str, user: str) -> Place:
        opened = await self._calls.call(team, "conversations.open", users=user)
        return Place(team, str(opened["channel"]["id"]))

    async def _begun(
        self, event: InboundEvent, team: str, user: str, text: str, locale: Locale
    ) -> Conversation:
        direct = await self._direct(team, user)
        opened = Words(self._prompts, ACT, locale).line("opened")
        said = plain_line(opened)
        sheet = Sheet(f"{said}\n{text}", (Quote(opened, text),)) if text else Sheet(said)
        key = f"support.{event.key}"
        place = await self._poster.open_thread(key, direct, sheet, event.received_at)
        return await self._begin(place, user)

    async def _begin(self, place: Place, user: str) -> Conversation:
        person = await self._people.person(place.team, user)
        conversation = Conversation(
            CHANNEL,
            created_at=self._clock(),
            customer=person.customer.id,
            timezone=person.timezone,
            address=place.address,
        )
        held = await self._store.begin_thread(CHANNEL, place.address, conversation)
        return await self._store.conversation(held) or conversation

    async def _ask(
        self, conversation: Conversation, event: InboundEvent, text: str, locale: Locale
    ) -> None:
        if not text:
            await self._requests.submit(conversation, locale=locale)
            return
        await self._turns.submit(
            Message(
                conversation.id,
                Author.CUSTOMER,
                text[:LONGEST_TEXT],
                created_at=event.received_at,
                client_message_id=f"support.{event.key}",
                wants_human=True,
            )
        )

    async def _tell(self, at: Place, user: str, text: str) -> None:
        """To them alone. In a channel that the app is not in, they find where it goes on."""
        try:
            await self._wall.whisper(at, user, Sheet(text))
        except DeskRefused as error:
            log.info("somebody who wants a person was not told how it goes on: %s", error)


def _is_direct(place: Place) -> bool:
    return place.channel.startswith("D")
