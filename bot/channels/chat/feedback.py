"""Whether an answer helped, by its thumbs; a form asks what went wrong."""

import logging

from bot.channels.chat.answers import ACT, DOWN
from bot.channels.chat.program import Program
from bot.channels.chat.sheet import Form, TextField
from bot.channels.chat.text import Words
from bot.domain.conversation import Locale, Message
from bot.domain.feedback import Rating
from bot.domain.inbound import InboundEvent
from bot.ports import Prompts, Store
from bot.services.feedback import FeedbackCollector

log = logging.getLogger(__name__)

DIALOG = "feedback_comment"
COMMENT = "comment"


class AnswerFeedback:
    def __init__(
        self,
        program: Program,
        store: Store,
        collector: FeedbackCollector,
        prompts: Prompts,
        default_locale: Locale,
    ) -> None:
        self._reader = program.reader
        self._forms = program.forms
        self._store = store
        self._collector = collector
        self._prompts = prompts
        self._default_locale = default_locale

    async def open_dialog(self, event: InboundEvent) -> None:
        """After a thumb down. Raises as a desk."""
        click = self._reader.click(event)
        rating, _, message = click.value.partition(".")
        if rating != DOWN or not message:
            return
        replies = await self._store.replies([message])
        locale = next((reply.locale for reply in replies.values()), self._default_locale)
        await self._forms.open(click, self.dialog(message, locale))

    async def rate(self, event: InboundEvent) -> None:
        rating, _, message_id = self._reader.click(event).value.partition(".")
        message = await self._store.message(message_id)
        if message is None or rating not in set(Rating):
            log.warning("a rating of nothing known: event=%s", event.key)
            return
        await self._collect(message, Rating(rating))

    async def comment(self, event: InboundEvent) -> None:
        """What stands in the form."""
        click = self._reader.click(event)
        message = await self._store.message(click.value)
        if message is not None:
            comment = click.values.get(COMMENT, "").strip() or None
            await self._collect(message, Rating.DOWN, comment)

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

    async def _collect(self, message: Message, rating: Rating, comment: str | None = None) -> None:
        """The click and its form come in either order; a comment stays with its thumb."""
        former = (await self._store.feedback([message.id])).get(message.id)
        if comment is None and former is not None and former.rating is rating:
            return
        await self._collector.collect(message, rating, comment)
