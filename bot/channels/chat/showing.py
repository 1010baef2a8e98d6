"""What the asker sees while one turn runs: a post that is there at once and fills."""

import logging
from dataclasses import dataclass, field, replace

from bot.channels.chat.answers import ACT
from bot.channels.chat.locales import locale_of
from bot.channels.chat.place import Place
from bot.channels.chat.program import LivePost, Program
from bot.channels.chat.relay import Relay, answer_key
from bot.domain.conversation import Locale
from bot.domain.errors import BotError
from bot.domain.inbound import Post
from bot.domain.reply import DecisionKind, Delta, Reply, ReplyEvent, Stage, StageStarted
from bot.ports import Prompts
from bot.services.running_turn import RunningTurn, TurnFailed

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Showing:
    program: Program
    relay: Relay
    prompts: Prompts
    default_locale: Locale
    turn: RunningTurn
    place: Place
    user: str
    _text: str = field(default="", init=False)
    _begun: Post | None = field(default=None, init=False)
    _live: LivePost | None = field(default=None, init=False)
    # Put up when it may have been answered elsewhere: perhaps by this post, which was found.
    _late: LivePost | None = field(default=None, init=False)

    @property
    def has_answer(self) -> bool:
        """For which a courier comes."""
        reply = self.turn.reply
        return reply is not None and reply.decision is not DecisionKind.SILENT

    async def run(self) -> LivePost | None:
        """What stands there when nothing is added any more. Nothing that goes wrong here keeps an
        answer back."""
        message = self.turn.message.id
        try:
            async for event in self.turn.events():
                await self._show(event.value)
        except TurnFailed:
            await self._apologise()
        except BotError as error:
            log.warning("not shown while it came: message=%s: %s", message, error)
        except Exception:
            # The edge of the task: the answer comes all the same, by the courier.
            log.exception("not shown while it came: message=%s", message)
        finally:
            await self._hand_on()
        return self._live

    async def _show(self, event: ReplyEvent) -> None:
        live, is_answered = self._live, self.turn.reply is not None
        match event:
            case StageStarted(Stage.UNDERSTAND):
                await self.program.signs.begin(self.place, self.turn.message.text, self._locale())
            case StageStarted(Stage.RETRIEVE) if live is None:
                await self._begin()
            case StageStarted(Stage.ACT) if live is not None and not is_answered:
                await live.step(self._say("writing"))
            case Delta(text):
                self._text += text
                if live is not None and not is_answered:
                    await live.show(_whole(self._text))
            case Reply() if event.decision is DecisionKind.SILENT:
                await self._withdraw()
            case Reply() if live is not None:
                await live.show(event.text)

    async def _begin(self) -> None:
        message = self.turn.message
        begun = await self.relay.begin(message, self.place)
        if begun is None:
            return  # another process, or this one before it was ended
        words, key = self._say("looking"), answer_key(message.id)
        try:
            live = await self.program.screen.begin(
                key, self.place, self.user, words, self._locale()
            )
        except Exception:
            # But not where it is cancelled: then it may still be carried out, so nobody may look
            # for it at once.
            self._begun = begun
            raise
        self._late, self._begun = live, replace(begun, reference=live.reference)
        if await self.relay.put_up(self._begun):
            self._live, self._late = live, None

    async def _apologise(self) -> None:
        """The turn is made again, perhaps elsewhere, and its answer takes this place."""
        if self._live is None:
            return
        try:
            await self._live.step(self._say("late"))
        except BotError as error:
            log.warning("nobody was told that it takes longer: %s", error)

    async def _withdraw(self) -> None:
        """A person has the conversation by now, so the bot has nothing to say."""
        await self.program.signs.end(self.place)
        live, self._live = self._live, None
        if live is not None and self._begun is not None:
            await live.withdraw()
            await self.relay.end(self._begun)

    async def _hand_on(self) -> None:
        begun, late = self._begun, self._late
        if begun is None:
            return
        try:
            if await self.relay.hand_on(begun) or late is None:
                return
            other = await self.relay.taken(begun)
            if other and other != late.reference:
                await late.withdraw()
        except BotError as error:
            log.warning("not handed on: %s: %s", begun.key, error)

    def _say(self, words: str) -> str:
        return self.prompts.text(ACT, self._locale(), words)

    def _locale(self) -> Locale:
        return locale_of(self.turn.message.text, self.default_locale)


def _whole(markdown: str) -> str:
    """Up to the last block that is certainly over."""
    head, _, _ = markdown.rpartition("\n\n")
    return head if head.count("```") % 2 == 0 else ""
