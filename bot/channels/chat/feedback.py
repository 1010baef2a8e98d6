"""Whether an answer helped, by its thumbs; a form asks what went wrong.

Whoever else reads an answer may rate it until its asker does: from then on the asker's rating
stands, and others are told so.
"""

import logging

from bot.channels.chat.answers import ACT, DOWN
from bot.channels.chat.program import Click, Program, customer_id
from bot.channels.chat.sheet import Form, TextField
from bot.channels.chat.text import Words
from bot.channels.chat.whispers import Whispers
from bot.domain.conversation import Locale, Message
from bot.domain.feedback import Rating
from bot.domain.inbound import InboundEvent, Post
from bot.ports import Prompts, Storage
from bot.services.feedback import FeedbackCollector

log = logging.getLogger(__name__)

DIALOG = "feedback_comment"
COMMENT = "comment"


def rated_key(message: str) -> str:
    """Where is written down that whoever asked has rated the answer."""
    return f"rated.{message}"


class AnswerFeedback:
    def __init__(
        self,
        program: Program,
        store: Storage,
        collector: FeedbackCollector,
        prompts: Prompts,
        default_locale: Locale,
    ) -> None:
        self._channel = program.channel
        self._reader = program.reader
        self._forms = program.forms
        self._store = store
        self._collector = collector
        self._prompts = prompts
        self._default_locale = default_locale
        self._whispers = Whispers(program, prompts, ACT)

    async def open_dialog(self, event: InboundEvent) -> None:
        """After a thumb down that counts. Raises as a desk."""
        click = self._reader.click(event)
        rating, _, message_id = click.value.partition(".")
        message = await self._store.message(message_id)
        if rating != DOWN or message is None or not await self._counts(click, message):
            return
        replies = await self._store.replies([message_id])
        locale = next((reply.locale for reply in replies.values()), self._default_locale)
        await self._forms.open(click, self.dialog(message_id, locale))

    async def rate(self, event: InboundEvent) -> None:
        """Raises DeskUnavailable and StoreError, and so does the form."""
        click = self._reader.click(event)
        rating, _, message_id = click.value.partition(".")
        message = await self._store.message(message_id)
        if message is None or rating not in set(Rating):
            log.warning("a rating of nothing known: event=%s", event.key)
            return
        await self._collect(click, message, Rating(rating))

    async def comment(self, event: InboundEvent) -> None:
        """What stands in the form."""
        click = self._reader.click(event)
        message = await self._store.message(click.value)
        if message is not None:
            comment = click.values.get(COMMENT, "").strip() or None
            await self._collect(click, message, Rating.DOWN, comment)

    def dialog(self, message: str, locale: Locale) -> Form:
        words = Words(self._prompts, ACT, locale)
        comment = TextField(
            COMMENT,
            words.text("dislike_label"),
            hint=words.text("dislike_hint"),
            is_optional=True,
        )
        return Form(
            action=DIALOG,
            value=message,
            title=words.text("dislike_title"),
            send=words.text("dislike_send"),
            close=words.text("dislike_close"),
            fields=(comment,),
        )

    async def _collect(
        self, click: Click, message: Message, rating: Rating, comment: str | None = None
    ) -> None:
        """The click and its form come in either order; a comment stays with its thumb."""
        if not await self._counts(click, message):
            await self._whispers.tell(click, "rated_by_asker")
            return
        await self._note(click, message)
        former = (await self._store.feedback([message.id])).get(message.id)
        if comment is None and former is not None and former.rating is rating:
            return
        await self._collector.collect(message, rating, comment)

    async def _counts(self, click: Click, message: Message) -> bool:
        """Nobody's rating takes the place of the asker's but their own."""
        if await self._store.post(self._channel, rated_key(message.id)) is None:
            return True
        return await self._is_asker(click, message)

    async def _note(self, click: Click, message: Message) -> None:
        """That whoever asked has rated it, before they have: others' ratings may come at once."""
        if await self._is_asker(click, message):
            key, at = rated_key(message.id), click.at.address if click.at is not None else ""
            await self._store.save_post(
                Post(self._channel, key, message.conversation, at, click.user)
            )

    async def _is_asker(self, click: Click, message: Message) -> bool:
        conversation = await self._store.conversation(message.conversation)
        who = customer_id(self._channel, click.team, click.user)
        return conversation is not None and conversation.customer == who
