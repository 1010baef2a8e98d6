"""Slack's pane beside a channel: what could be asked, that the bot is at it, and a title."""

import logging
from functools import partial

from bot.channels.slack.answers import ACT
from bot.channels.slack.events import team_of
from bot.channels.slack.locales import Locales
from bot.channels.chat.place import Place
from bot.channels.slack.posting import Calls
from bot.channels.slack.refusals import WITHOUT, SlackRefused
from bot.domain.conversation import Author, Locale, Message
from bot.domain.inbound import InboundEvent
from bot.ports import Prompts, Store

log = logging.getLogger(__name__)

LONGEST_TITLE = 80  # characters
SUGGESTED = ("prompt_what", "prompt_person")


class Assistant:
    def __init__(self, calls: Calls, store: Store, prompts: Prompts, locales: Locales) -> None:
        self._calls = calls
        self._store = store
        self._prompts = prompts
        self._locales = locales
        self._without: set[str] = set()  # workspaces that have no such pane

    async def suggest(self, event: InboundEvent) -> None:
        """Where somebody opened it. Raises as a desk."""
        team, thread = team_of(event.body), event.body["event"]["assistant_thread"]
        locale = await self._locales.of(team, str(thread["user_id"]))
        say = partial(self._prompts.text, ACT, locale)
        prompts = [{"title": say(name), "message": say(name)} for name in SUGGESTED]
        try:
            await self._calls.call(
                team,
                "assistant.threads.setSuggestedPrompts",
                channel_id=thread["channel_id"],
                thread_ts=thread["thread_ts"],
                title=say("prompts_title"),
                prompts=prompts,
            )
        except SlackRefused as error:
            log.warning("the assistant pane begins without prompts: %s", error)

    async def begin(self, place: Place, message: Message, locale: Locale) -> None:
        """The bot is at it; the next post ends that. A thread is called by its first question."""
        await self._tell(place, "setStatus", status=self._prompts.text(ACT, locale, "status"))
        said = await self._store.messages(message.conversation)
        if [one.id for one in said if one.author is Author.CUSTOMER] == [message.id]:
            title = " ".join(message.text.split())[:LONGEST_TITLE]
            await self._tell(place, "setTitle", title=title)

    async def end(self, place: Place) -> None:
        """Nothing will be posted."""
        await self._tell(place, "setStatus", status="")

    async def _tell(self, place: Place, what: str, **told: str) -> None:
        if not (place.channel.startswith("D") and place.thread) or place.team in self._without:
            return
        tell = partial(self._calls.call, place.team, f"assistant.threads.{what}")
        try:
            await tell(channel_id=place.channel, thread_ts=place.thread, **told)
        except SlackRefused as error:
            if error.code in WITHOUT:
                self._without.add(place.team)
            log.info("no assistant pane: %s", error)
