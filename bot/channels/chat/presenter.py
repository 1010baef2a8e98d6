"""What the asker sees while a turn runs: a post that is there at once and fills.

It is provisional: the courier makes it final, also where the process that began it is gone. Nothing
that goes wrong here keeps an answer back.
"""

import asyncio
import logging
from dataclasses import replace

from bot.channels.chat.answers import ACT
from bot.channels.chat.locales import locale_of
from bot.channels.chat.place import Place
from bot.channels.chat.program import LivePost, Program
from bot.domain.conversation import Locale, Message
from bot.domain.errors import BotError
from bot.domain.inbound import Post, PostState
from bot.domain.reply import DecisionKind, Delta, Reply, ReplyEvent, Stage, StageStarted
from bot.ports import Prompts
from bot.ports.inbound import PostStore
from bot.services.running_turn import RunningTurn, TurnFailed

log = logging.getLogger(__name__)

KEPT = 100  # posts that are complete and not final yet


def answer_key(message: str) -> str:
    """Of the post that answers a message."""
    return f"answer.{message}"


class Presenter:
    def __init__(
        self, program: Program, posts: PostStore, prompts: Prompts, default_locale: Locale
    ) -> None:
        self._channel = program.channel
        self._screen = program.screen
        self._signs = program.signs
        self._posts = posts
        self._prompts = prompts
        self._default_locale = default_locale
        self._running: dict[str, asyncio.Task[LivePost | None]] = {}

    def follow(self, turn: RunningTurn, place: Place, user: str) -> None:
        """Beside whoever calls. A turn that is over has nothing to show."""
        message = turn.message.id
        if turn.reply is not None or message in self._running:
            return
        task = asyncio.create_task(self._follow(turn, place, user), name=f"show {message}")
        self._running[message] = task
        for former in [one for one, shown in self._running.items() if shown.done()][:-KEPT]:
            del self._running[former]  # its answer left from another process

    async def settled(self, message: str) -> LivePost | None:
        """What stands in answer to the message once nothing is added any more; None where this
        process knows of nothing."""
        task = self._running.pop(message, None)
        return await task if task is not None else None

    async def close(self) -> None:
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _follow(self, turn: RunningTurn, place: Place, user: str) -> LivePost | None:
        post: LivePost | None = None
        try:
            text = ""
            async for event in turn.events():
                if isinstance(event.value, Delta):
                    text += event.value.text
                post = await self._show(event.value, turn, post, text, (place, user))
        except TurnFailed:
            await self._apologise(post)
        except BotError as error:
            log.warning("not shown while it came: message=%s: %s", turn.message.id, error)
        except Exception:
            # The edge of the task: the answer comes all the same, by the courier.
            log.exception("not shown while it came: message=%s", turn.message.id)
        finally:
            if turn.reply is None or turn.reply.decision is DecisionKind.SILENT:
                self._running.pop(turn.message.id, None)  # no courier comes for it
        return post

    async def _show(
        self,
        event: ReplyEvent,
        turn: RunningTurn,
        post: LivePost | None,
        text: str,
        where: tuple[Place, str],
    ) -> LivePost | None:
        match event:
            case StageStarted(Stage.UNDERSTAND):
                await self._signs.begin(where[0], turn.message.text, self._locale(turn.message))
            case StageStarted(Stage.RETRIEVE) if post is None:
                return await self._begin(turn.message, *where)
            case StageStarted(Stage.ACT) if post is not None and turn.reply is None:
                await post.step(self._say(post.locale, "writing"))
            case Delta() if post is not None and turn.reply is None:
                await post.show(_whole(text))
            case Reply() if event.decision is DecisionKind.SILENT:
                await self._signs.end(where[0])
                if post is not None:
                    await self._withdraw(post, turn.message)
                return None
            case Reply() if post is not None:
                await post.show(event.text)
        return post

    async def _begin(self, message: Message, place: Place, user: str) -> LivePost | None:
        locale = self._locale(message)
        key = answer_key(message.id)
        if await self._posts.post(self._channel, key) is not None:
            return None  # another process, or this one before it was ended
        begun = self._post(message, place, "", PostState.PROVISIONAL)
        await self._posts.save_post(begun)
        words = self._say(locale, "looking")
        post = await self._screen.begin(key, place, user, words, locale)
        known = await self._posts.post(self._channel, key)
        if known is not None and known.reference == post.reference:
            return None  # it was found, and is looked after elsewhere
        if known is not None and known.reference:  # it was answered meanwhile, elsewhere
            await post.withdraw()
            return None
        await self._posts.save_post(replace(begun, reference=post.reference))
        return post

    async def _apologise(self, post: LivePost | None) -> None:
        """The turn is made again, perhaps elsewhere, and its answer takes this place."""
        if post is None:
            return
        try:
            await post.step(self._say(post.locale, "late"))
        except BotError as error:
            log.warning("nobody was told that it takes longer: %s", error)

    async def _withdraw(self, post: LivePost, message: Message) -> None:
        """A person has the conversation by now, so the bot has nothing to say."""
        await post.withdraw()
        await self._posts.save_post(
            self._post(message, post.place, post.reference, PostState.FINAL)
        )

    def _post(self, message: Message, place: Place, reference: str, state: PostState) -> Post:
        key = answer_key(message.id)
        return Post(self._channel, key, message.conversation, place.address, reference, state)

    def _say(self, locale: Locale, words: str) -> str:
        return self._prompts.text(ACT, locale, words)

    def _locale(self, message: Message) -> Locale:
        return locale_of(message.text, self._default_locale)


def _whole(markdown: str) -> str:
    """Up to the last block that is certainly over."""
    head, _, _ = markdown.rpartition("\n\n")
    return head if head.count("```") % 2 == 0 else ""
