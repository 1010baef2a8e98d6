"""Whether an answer helped, by its buttons; a dialog asks what went wrong."""

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

from bot.channels.slack import elements
from bot.channels.slack.answers import ACT, DOWN
from bot.channels.slack.elements import Block
from bot.channels.slack.events import team_of
from bot.channels.slack.posting import Calls
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
        store: Store,
        collector: FeedbackCollector,
        calls: Calls,
        prompts: Prompts,
        default_locale: Locale,
    ) -> None:
        self._store = store
        self._collector = collector
        self._calls = calls
        self._prompts = prompts
        self._default_locale = default_locale

    async def open_dialog(self, body: Mapping[str, Any]) -> None:
        """After a thumb down; what opens it is good for three seconds. Raises as a desk."""
        rating, _, message = _value(body).partition(".")
        if rating != DOWN or not message:
            return
        replies = await self._store.replies([message])
        locale = next((reply.locale for reply in replies.values()), self._default_locale)
        await self._calls.call(
            team_of(body),
            "views.open",
            trigger_id=body["trigger_id"],
            view=self.dialog(message, locale),
        )

    async def rate(self, event: InboundEvent) -> None:
        rating, _, message_id = _value(event.body).partition(".")
        message = await self._store.message(message_id)
        if message is None or rating not in set(Rating):
            log.warning("a rating of nothing known: event=%s", event.key)
            return
        await self._collect(message, Rating(rating))

    async def comment(self, event: InboundEvent) -> None:
        """What stands in the dialog."""
        view = event.body["view"]
        message = await self._store.message(str(view.get("private_metadata", "")))
        field = view["state"]["values"].get(COMMENT, {}).get(COMMENT, {})
        if message is not None:
            await self._collect(message, Rating.DOWN, (field.get("value") or "").strip() or None)

    def dialog(self, message: str, locale: Locale) -> Block:
        say = partial(self._prompts.text, ACT, locale)
        words = (say("dislike_title"), say("dislike_send"), say("dislike_close"))
        comment = elements.text_input(
            COMMENT, say("dislike_label"), hint=say("dislike_hint"), is_optional=True
        )
        return elements.modal(DIALOG, message, words, [comment])

    async def _collect(self, message: Message, rating: Rating, comment: str | None = None) -> None:
        """The click and its dialog come in either order; a comment stays with its thumb."""
        former = (await self._store.feedback([message.id])).get(message.id)
        if comment is None and former is not None and former.rating is rating:
            return
        await self._collector.collect(message, rating, comment)


def _value(body: Mapping[str, Any]) -> str:
    return str(body["actions"][0].get("value", ""))
