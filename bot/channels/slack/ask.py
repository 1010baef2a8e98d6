"""Questions that are asked without a message in a thread: `/ask`, and the shortcut of a message.
What they bring is answered where only the asker sees it."""

import logging
from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

from bot.channels.chat.answered import ASKED
from bot.channels.chat.asking import digest
from bot.channels.chat.listening import LONGEST_TEXT
from bot.channels.chat.place import Place
from bot.channels.chat.program import People
from bot.channels.slack import CHANNEL, elements
from bot.channels.slack.events import team_of, user_of
from bot.channels.slack.private import PrivatePlaces
from bot.channels.slack.reading import plain_text
from bot.channels.slack.refusals import SlackRefused
from bot.channels.slack.responses import Responses
from bot.domain.conversation import Author, Conversation, Locale, Message
from bot.domain.inbound import InboundEvent
from bot.ports import Prompts, Storage
from bot.services.turns import TurnRunner

log = logging.getLogger(__name__)

COMMAND = "/ask"
ACT = "slack"


class AskCommand:
    def __init__(
        self,
        store: Storage,
        turns: TurnRunner,
        people: People,
        responses: Responses,
        private: PrivatePlaces,
        prompts: Prompts,
        internal_channels: Collection[str],
        default_locale: Locale,
    ) -> None:
        self._store = store
        self._turns = turns
        self._people = people
        self._responses = responses
        self._private = private
        self._prompts = prompts
        self._internal = frozenset(internal_channels)
        self._default_locale = default_locale

    async def ask(self, event: InboundEvent) -> None:
        """`/ask`."""
        body = event.body
        place = Place(team_of(body), str(body["channel_id"]), None, user_of(body))
        await self._begin(event, place, str(body.get("text", "")), "empty_ask")

    async def ask_about(self, event: InboundEvent) -> None:
        """Somebody else's message, perhaps; the answer stands below it once it is shared."""
        body = event.body
        message: Mapping[str, Any] = body["message"]
        thread = str(message.get("thread_ts") or message["ts"])
        place = Place(team_of(body), str(body["channel"]["id"]), thread, user_of(body))
        await self._begin(event, place, str(message.get("text", "")), "empty_message")

    async def _begin(self, event: InboundEvent, place: Place, said: str, empty: str) -> None:
        text = plain_text(said).strip()[:LONGEST_TEXT]
        if not text:
            await self._tell(event.body, empty)
            return
        key = digest(event.key)
        person = await self._people.person(place.team, place.user or "")
        conversation = Conversation(
            CHANNEL,
            address=place.address,
            customer=person.customer.id,
            timezone=person.timezone,
            internal=place.channel in self._internal,
        )
        # Each has a conversation of its own: nothing here can be replied to.
        own = Place(place.team, place.channel, key, place.user)
        conversation_id = await self._store.begin_thread(CHANNEL, own.address, conversation)
        await self._private.answer_at(conversation_id, place, event)
        await self._turns.submit(
            Message(conversation_id, Author.CUSTOMER, text, client_message_id=f"{ASKED}{key}")
        )

    async def _tell(self, body: Mapping[str, Any], words: str) -> None:
        say = partial(self._prompts.text, ACT)
        both = [say(locale, words) for locale in (self._default_locale, self._default_locale.other)]
        try:
            await self._responses.tell(
                str(body["response_url"]), both[0], [elements.section("\n".join(both))]
            )
        except SlackRefused as error:
            log.info("nobody was told how to ask: %s", error)
