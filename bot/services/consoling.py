"""What stands around the help when somebody is upset: a sentence before it, an offer after it."""

from collections.abc import Sequence
from dataclasses import replace
from zlib import crc32

from bot.domain.conversation import Author, Message
from bot.domain.policy import Decision
from bot.domain.reply import Act, DecisionKind, SmallTalk
from bot.domain.understanding import Intent, Understanding
from bot.ports import Prompts
from bot.services.acting import way_to_person

LEADING_ON = (Intent.COMPLAINT, Intent.EMPTY)  # small talk that asks what is wanted


class Consoler:
    def __init__(self, prompts: Prompts, contact: str) -> None:
        self._prompts = prompts
        self._contact = contact

    def surround(
        self,
        act: Act,
        decision: Decision,
        understanding: Understanding,
        history: Sequence[Message],
        *,
        has_desk: bool = False,
    ) -> Act:
        """The act with what the decision says stands before and after its text. `has_desk`: a
        person can be given the conversation."""
        if decision.kind is DecisionKind.SILENT:
            return act
        opening = self._opening(decision, understanding, history)
        offer = self._offer(decision, understanding, has_desk)
        leads_on = decision.reason in LEADING_ON
        mocks = isinstance(act, SmallTalk) and opening and not leads_on  # "You're welcome!"
        help_ = "" if mocks else act.text
        rest = (offer, help_) if decision.offers_first else (help_, offer)
        text = "\n\n".join(filter(None, (opening, *rest)))
        return act if text == act.text else replace(act, text=text)

    def _opening(
        self, decision: Decision, understanding: Understanding, history: Sequence[Message]
    ) -> str:
        """None of what was said the last time somebody was consoled in this conversation."""
        if decision.comfort is None:
            return ""
        name, locale = decision.comfort.value, understanding.locale
        sayings = list(self._prompts.variants("empathy", locale, name))
        last = _last_said(sayings, history)
        left = [saying for saying in sayings if saying != last] or sayings
        return left[crc32(understanding.text.encode()) % len(left)]

    def _offer(self, decision: Decision, understanding: Understanding, has_desk: bool) -> str:
        if not decision.offers_person:
            return ""
        return self._prompts.text(
            "person",
            understanding.locale,
            f"offer_{way_to_person(self._contact, has_desk)}",
            contact=self._contact,
            seed=understanding.text,
        )


def _last_said(sayings: Sequence[str], history: Sequence[Message]) -> str | None:
    for message in reversed(history):
        if message.author is Author.BOT:
            for saying in sayings:
                if message.text.startswith(saying):
                    return saying
    return None
