"""Slack's pane beside a channel: what could be asked, that the bot is at it, and a title."""

import logging
from functools import partial

from bot.channels.chat.place import Place
from bot.channels.chat.program import People
from bot.channels.slack import CHANNEL
from bot.channels.slack.events import team_of
from bot.channels.slack.refusals import WITHOUT, SlackRefused
from bot.channels.slack.wall import Calls
from bot.domain.conversation import Author, Locale
from bot.domain.inbound import InboundEvent
from bot.ports import Prompts, Storage

log = logging.getLogger(__name__)

ACT = "slack"
LONGEST_TITLE = 80  # characters
SUGGESTED = ("prompt_what", "prompt_person")


class Assistant:
    def __init__(self, calls: Calls, store: Storage, prompts: Prompts, people: People) -> None:
        self._calls = calls
        self._store = store
        self._prompts = prompts
        self._people = people
        self._without: set[str] = set()  # workspaces that have no such pane

    async def suggest(self, event: InboundEvent) -> None:
        """Where somebody opened it. Raises as a desk."""
        team, thread = team_of(event.body), event.body["event"]["assistant_thread"]
        locale = await self._people.locale(team, str(thread["user_id"]))
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

    async def begin(self, place: Place, question: str, locale: Locale) -> None:
        """The bot is at it; the next post ends that. A thread is called by its first question."""
        await self._tell(place, "setStatus", status=self._prompts.text(ACT, locale, "status"))
        conversation = await self._store.thread(CHANNEL, place.address)
        said = await self._store.messages(conversation) if conversation is not None else ()
        if [one.text for one in said if one.author is Author.CUSTOMER] == [question]:
            title = " ".join(question.split())[:LONGEST_TITLE]
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
