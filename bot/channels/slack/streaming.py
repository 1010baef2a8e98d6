"""What the asker sees while a turn runs: a post that is there at once and fills.

Where the workspace has streams the post is one, elsewhere it is changed, at most once a second. It
is provisional: the courier makes it final, also where the process that began it is gone. Nothing
that goes wrong here keeps an answer back.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial

from bot.channels.slack import CHANNEL, elements, mrkdwn
from bot.channels.slack.answers import ACT, fitting, said
from bot.channels.slack.assistant import Assistant
from bot.channels.slack.elements import Block
from bot.channels.slack.locales import locale_of
from bot.channels.slack.place import Place
from bot.channels.slack.posting import Calls, Payload
from bot.channels.slack.refusals import WITHOUT, SlackRefused
from bot.domain.conversation import Locale, Message
from bot.domain.errors import BotError
from bot.domain.inbound import Post, PostState
from bot.domain.reply import DecisionKind, Delta, Reply, ReplyEvent, Stage, StageStarted
from bot.ports import Prompts
from bot.ports.inbound import PostStore
from bot.services.running_turn import RunningTurn, TurnFailed

log = logging.getLogger(__name__)

LEAST_PAUSE_S = 1.0  # between two changes of a post
KEPT = 100  # posts that are complete and not final yet
STEP = "answer"  # the one that a stream tells of


@dataclass(slots=True)
class Provisional:
    """A post whose text still changes, as its process knows it."""

    place: Place
    ts: str
    is_stream: bool
    locale: Locale
    shown: list[str] = field(default_factory=list)  # the texts that stand there
    changed_at: float = 0.0
    is_lost: bool = False  # somebody else ended it, or nobody knows what stands there


def answer_key(message: str) -> str:
    """Of the post that answers a message."""
    return f"answer.{message}"


class Presenter:
    def __init__(
        self,
        calls: Calls,
        posts: PostStore,
        assistant: Assistant,
        prompts: Prompts,
        default_locale: Locale,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._calls = calls
        self._posts = posts
        self._assistant = assistant
        self._prompts = prompts
        self._default_locale = default_locale
        self._clock = clock
        self._running: dict[str, asyncio.Task[Provisional | None]] = {}
        self._without: set[str] = set()  # workspaces that have no streams

    def follow(self, turn: RunningTurn, place: Place, user: str) -> None:
        """Beside whoever calls. A turn that is over has nothing to show."""
        message = turn.message.id
        if turn.reply is not None or message in self._running:
            return
        task = asyncio.create_task(self._follow(turn, place, user), name=f"show {message}")
        self._running[message] = task
        for former in [one for one, shown in self._running.items() if shown.done()][:-KEPT]:
            del self._running[former]  # its answer left from another process

    async def settled(self, message: str) -> Provisional | None:
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

    async def _follow(self, turn: RunningTurn, place: Place, user: str) -> Provisional | None:
        post: Provisional | None = None
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
            if post is not None:
                post.is_lost = True
        except Exception:
            # The edge of the task: the answer comes all the same, by the courier.
            log.exception("not shown while it came: message=%s", turn.message.id)
            if post is not None:
                post.is_lost = True
        finally:
            if turn.reply is None or turn.reply.decision is DecisionKind.SILENT:
                self._running.pop(turn.message.id, None)  # no courier comes for it
        return post

    async def _show(
        self,
        event: ReplyEvent,
        turn: RunningTurn,
        post: Provisional | None,
        text: str,
        where: tuple[Place, str],
    ) -> Provisional | None:
        match event:
            case StageStarted(Stage.UNDERSTAND):
                locale = locale_of(turn.message.text, self._default_locale)
                await self._assistant.begin(where[0], turn.message, locale)
            case StageStarted(Stage.RETRIEVE) if post is None:
                return await self._begin(turn.message, *where)
            case StageStarted(Stage.ACT) if post is not None and turn.reply is None:
                await self._step(post, "writing")
            case Delta() if post is not None and turn.reply is None:
                await self._extend(post, _whole(text))
            case Reply() if event.decision is DecisionKind.SILENT:
                await self._assistant.end(where[0])
                if post is not None:
                    await self._withdraw(post, turn.message)
                return None
            case Reply() if post is not None:
                await self._extend(post, event.text)
        return post

    async def _begin(self, message: Message, place: Place, user: str) -> Provisional | None:
        locale = locale_of(message.text, self._default_locale)
        key = answer_key(message.id)
        if await self._posts.post(CHANNEL, key) is not None:
            return None  # another process, or this one before it was ended
        begun = Post(CHANNEL, key, message.conversation, place.address, "", PostState.PROVISIONAL)
        await self._posts.save_post(begun)
        post = await self._stream(place, user, locale) or await self._post(key, place, locale)
        known = await self._posts.post(CHANNEL, key)
        if known is not None and known.reference == post.ts:
            return None  # it was found, and is looked after elsewhere
        if known is not None and known.reference:  # it was answered meanwhile, elsewhere
            await self._calls.call(place.team, "chat.delete", channel=place.channel, ts=post.ts)
            return None
        await self._posts.save_post(replace(begun, reference=post.ts))
        return post

    async def _stream(self, place: Place, user: str, locale: Locale) -> Provisional | None:
        """None where there are no streams."""
        if place.thread is None or place.team in self._without:
            return None
        try:
            answer = await self._calls.call(
                place.team,
                "chat.startStream",
                channel=place.channel,
                thread_ts=place.thread,
                recipient_team_id=place.team,
                recipient_user_id=user,
                chunks=[self._task("looking", locale)],
            )
        except SlackRefused as error:
            if error.code in WITHOUT:
                self._without.add(place.team)
            log.info("no stream in %s: %s", place.address, error)
            return None
        return Provisional(place, str(answer["ts"]), True, locale, changed_at=self._clock())

    async def _post(self, key: str, place: Place, locale: Locale) -> Provisional:
        payload = Payload(elements.escape(self._prompts.text(ACT, locale, "looking")))
        answer = await self._calls.call(
            place.team, "chat.postMessage", **payload.arguments(key, place)
        )
        return Provisional(place, str(answer["ts"]), False, locale, changed_at=self._clock())

    async def _apologise(self, post: Provisional | None) -> None:
        """The turn is made again, perhaps elsewhere, and its answer takes this place."""
        if post is None:
            return
        try:
            await self._step(post, "late")
        except BotError as error:
            log.warning("nobody was told that it takes longer: %s", error)

    async def _step(self, post: Provisional, words: str) -> None:
        if post.is_stream:
            await self._append(post, [self._task(words, post.locale)])
        elif self._is_due(post):
            text = elements.escape(self._prompts.text(ACT, post.locale, words))
            await self._change(post, text, said([text]))

    async def _extend(self, post: Provisional, markdown: str) -> None:
        """With what is new of the text."""
        texts = fitting(mrkdwn.render(markdown))
        new = texts[len(post.shown) :]
        if not new:
            return
        if post.is_stream:
            done = [] if post.shown else [self._task("looked", post.locale, "complete")]
            await self._append(post, [*done, {"type": "blocks", "blocks": said(new)}])
            post.shown += new
        elif self._is_due(post):
            await self._change(post, elements.escape(mrkdwn.plain(markdown)), said(texts))
            post.shown = list(texts)

    async def _append(self, post: Provisional, chunks: Sequence[Block]) -> None:
        append = partial(self._calls.call, post.place.team, "chat.appendStream")
        await append(channel=post.place.channel, ts=post.ts, chunks=chunks)

    async def _change(self, post: Provisional, text: str, blocks: Sequence[Block]) -> None:
        change = partial(self._calls.call, post.place.team, "chat.update")
        cut = elements.cut(text, elements.LONGEST_TEXT)
        await change(channel=post.place.channel, ts=post.ts, text=cut, blocks=blocks)
        post.changed_at = self._clock()

    def _is_due(self, post: Provisional) -> bool:
        return self._clock() - post.changed_at >= LEAST_PAUSE_S

    async def _withdraw(self, post: Provisional, message: Message) -> None:
        """A person has the conversation by now, so the bot has nothing to say."""
        place, key = post.place, answer_key(message.id)
        if post.is_stream:
            with suppress(SlackRefused):  # Slack ends it itself where nothing comes for long
                await self._calls.call(
                    place.team, "chat.stopStream", channel=place.channel, ts=post.ts
                )
        await self._calls.call(place.team, "chat.delete", channel=place.channel, ts=post.ts)
        await self._posts.save_post(
            Post(CHANNEL, key, message.conversation, place.address, post.ts, PostState.FINAL)
        )

    def _task(self, words: str, locale: Locale, status: str = "in_progress") -> Block:
        title = self._prompts.text(ACT, locale, words)
        return {"type": "task_update", "id": STEP, "title": title, "status": status}


def _whole(markdown: str) -> str:
    """Up to the last block that is certainly over."""
    head, _, _ = markdown.rpartition("\n\n")
    return head if head.count("```") % 2 == 0 else ""
