"""Asking for a person without words to the bot: `/support`, and the button below its answers."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from bot.channels.slack import CHANNEL
from bot.channels.slack.elements import cut, escape
from bot.channels.slack.people import SlackPeople, customer_id
from bot.channels.slack.place import Place
from bot.channels.slack.posting import Calls, Payload, Poster
from bot.channels.slack.reading import plain_text
from bot.domain.conversation import Author, Conversation, Locale, Message, now
from bot.domain.inbound import InboundEvent, Thread
from bot.domain.outbox import DeskRefused
from bot.ports import Prompts
from bot.services.person_requests import PersonRequests
from bot.services.turns import TurnRunner

log = logging.getLogger(__name__)

ACT = "slack_support"
COMMAND = "/support"
ASK = "talk_to_person"  # the button
RECENT = timedelta(minutes=30)  # a thread of theirs in which they may mean a person
LONGEST_TEXT = 4000  # characters, as in the widget
LONGEST_SHOWN = 2000


class Asked(Protocol):
    async def conversation(self, conversation_id: str) -> Conversation | None: ...

    async def threads_since(self, channel: str, since: datetime) -> Sequence[Thread]: ...

    async def begin_thread(self, channel: str, address: str, conversation: Conversation) -> str: ...


class PersonButton:
    """Its value is the conversation."""

    def __init__(self, store: Asked, requests: PersonRequests) -> None:
        self._store = store
        self._requests = requests

    async def handle(self, event: InboundEvent) -> None:
        conversation = await self._store.conversation(str(event.body["actions"][0]["value"]))
        if conversation is None or conversation.channel != CHANNEL:
            log.warning("a person was asked for in a conversation that is not there")
            return
        await self._requests.submit(conversation)


class SupportCommand:
    """Raises DeskUnavailable, DeskRefused and StoreError; what is done again changes nothing."""

    def __init__(
        self,
        calls: Calls,
        poster: Poster,
        store: Asked,
        people: SlackPeople,
        turns: TurnRunner,
        requests: PersonRequests,
        prompts: Prompts,
        locale: Locale,
        clock: Callable[[], datetime] = now,
    ) -> None:
        """`locale`: of what is said before they said anything."""
        self._calls = calls
        self._poster = poster
        self._store = store
        self._people = people
        self._turns = turns
        self._requests = requests
        self._say = partial(prompts.text, ACT, locale)
        self._clock = clock

    async def handle(self, event: InboundEvent) -> None:
        body = event.body
        at = Place(str(body["team_id"]), str(body["channel_id"]))
        user, text = str(body["user_id"]), plain_text(str(body.get("text") or "")).strip()
        conversation = await self._recent(at, user)
        is_new = conversation is None
        if conversation is None:
            conversation = await self._begun(event, at.team, user, text)
        await self._ask(conversation, event, text)
        place = Place.parse(conversation.address or at.address)
        says = "there" if is_new else "alone" if place.is_ephemeral else "here"
        link = f"https://app.slack.com/client/{place.team}/{place.channel}"
        await self._tell(at, user, self._say(says, link=link))

    async def _recent(self, at: Place, user: str) -> Conversation | None:
        """The thread in which they asked here just now: a command cannot be given in a thread."""
        customer = customer_id(at.team, user)
        for thread in await self._store.threads_since(CHANNEL, self._clock() - RECENT):
            place = Place.parse(thread.address)
            if place.around != at:
                continue
            conversation = await self._store.conversation(thread.conversation)
            if conversation is not None and conversation.customer == customer:
                return conversation
        return None

    async def _begun(self, event: InboundEvent, team: str, user: str, text: str) -> Conversation:
        opened = await self._calls.call(team, "conversations.open", users=user)
        direct = Place(team, str(opened["channel"]["id"]))
        shown = cut(escape(" ".join(text.split())), LONGEST_SHOWN)
        said = self._say("opened_about", text=shown) if text else self._say("opened")
        key = f"support.{event.key}"
        ts = await self._poster.open_thread(key, direct, Payload(said), event.received_at)
        return await self._begin(Place(team, direct.channel, ts), user)

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

    async def _ask(self, conversation: Conversation, event: InboundEvent, text: str) -> None:
        if not text:
            await self._requests.submit(conversation)
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
        """Where it goes on, to them alone; in a channel that the app is not in, they find it."""
        try:
            await self._calls.call(
                at.team, "chat.postEphemeral", channel=at.channel, user=user, text=text
            )
        except DeskRefused as error:
            log.info("nobody was told where it goes on: %s", error)
