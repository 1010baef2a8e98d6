"""What Feishu hears at once: a click is answered within three seconds, by words that pass by, and
what was filled in is replaced by that it was sent."""

from collections.abc import Mapping
from typing import Any

from bot.channels.chat.intake import Intake
from bot.channels.chat.locales import locale_of
from bot.channels.chat.program import Body
from bot.channels.feishu import drawing
from bot.channels.feishu.events import (
    ACTION,
    CLICKED,
    TITLE,
    is_anothers,
    is_form,
    read_event,
    value_of,
)
from bot.domain.conversation import Locale
from bot.ports import Prompts

ACT = "feishu"
CLOSE = "close_form"  # nobody else has to hear of it
_LANGUAGES: Mapping[Locale, str] = {Locale.ZH: "zh_cn", Locale.EN: "en_us"}

Answer = Mapping[str, Any]


class Callbacks:
    def __init__(self, intake: Intake, prompts: Prompts, default_locale: Locale) -> None:
        self._intake = intake
        self._prompts = prompts
        self._default_locale = default_locale

    async def take(self, body: Body) -> Answer:
        """It is committed; what the acknowledgement says. Raises StoreError."""
        answer = await self._intake.take(body)
        header = body.get("header")
        if not isinstance(header, Mapping) or header.get("event_type") != CLICKED:
            return {}
        if answer:
            return answer
        if is_anothers(body):
            return self._toast("not_yours", "warning")
        if value_of(body).get(ACTION) == CLOSE:
            return {"card": self._instead(body, "form_closed")}
        if read_event(body) is None:
            return {}
        if is_form(body):
            return {**self._toast("taken"), "card": self._instead(body, "form_sent")}
        return self._toast("taken")

    def _toast(self, words: str, kind: str = "info") -> Answer:
        said = {one: self._prompts.text(ACT, one, words) for one in _LANGUAGES}
        languages = {_LANGUAGES[one]: text for one, text in said.items()}
        return {"toast": {"type": kind, "content": said[self._default_locale], "i18n": languages}}

    def _instead(self, body: Body, words: str) -> Answer:
        title = str(value_of(body).get(TITLE) or "")
        locale = locale_of(title, self._default_locale)
        card = drawing.note(self._prompts.text(ACT, locale, words, title=title))
        return {"type": "raw", "data": card}
