"""The survey after a ticket as whoever asked for help sees it in Slack."""

from collections.abc import Sequence
from functools import partial

from bot.channels.slack import elements
from bot.channels.slack.elements import Block
from bot.domain.conversation import Locale
from bot.domain.survey import HIGHEST_CSAT, HIGHEST_NPS, LOWEST_CSAT, LOWEST_NPS
from bot.ports import Prompts

ACT = "slack_survey"
PREFIX = "survey."
RATE, DECLINE, MORE = (f"{PREFIX}{name}" for name in ("rate", "decline", "more"))
NPS, COMMENT = "nps", "comment"  # of the dialog


class SurveyCard:
    def __init__(self, prompts: Prompts, locale: Locale) -> None:
        """In the language of the conversation."""
        self._say = partial(prompts.text, ACT, locale)

    def question(self, label: str) -> str:
        """`label`: of the ticket."""
        return self._say("question", ticket=label)

    def asked(self, label: str, value: str) -> Sequence[Block]:
        """`value`: what each button brings back."""
        rates = [
            elements.button(f"{RATE}.{csat}", self._say(f"csat_{csat}"), value)
            for csat in range(LOWEST_CSAT, HIGHEST_CSAT + 1)
        ]
        return [
            elements.section(self.question(label)),
            elements.actions("survey", rates),
            elements.context(self._say("scale")),
            elements.actions("survey_end", [elements.button(DECLINE, self._say("decline"), value)]),
        ]

    def rated(self, csat: int, value: str) -> Sequence[Block]:
        return [
            elements.section(self._say("thanks", csat=str(csat))),
            elements.actions("survey", [elements.button(MORE, self._say("more"), value)]),
        ]

    def over(self, name: str) -> tuple[str, Sequence[Block]]:
        """The text, and as blocks; `name`: done, declined or closed."""
        text = self._say(name)
        return text, [elements.section(text)]

    def not_theirs(self) -> str:
        return self._say("not_theirs")

    def dialog(self, label: str, metadata: str) -> Block:
        scores = {str(nps): str(nps) for nps in range(LOWEST_NPS, HIGHEST_NPS + 1)}
        words = (self._say("title", ticket=label), self._say("send"), self._say("close"))
        return elements.modal(
            MORE,
            metadata,
            words,
            [
                elements.select(NPS, self._say("recommend"), scores, is_optional=True),
                elements.text_input(COMMENT, self._say("comment"), is_optional=True),
            ],
        )
