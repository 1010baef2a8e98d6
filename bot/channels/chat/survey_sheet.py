"""The survey after a ticket as whoever asked for help sees it in a chat program."""

from bot.channels.chat.sheet import (
    Button,
    Buttons,
    Choice,
    Form,
    Paragraph,
    Part,
    Sheet,
    Small,
    TextField,
)
from bot.channels.chat.text import Words
from bot.domain.conversation import Locale
from bot.domain.survey import HIGHEST_CSAT, HIGHEST_NPS, LOWEST_CSAT, LOWEST_NPS
from bot.ports import Prompts

ACT = "chat_survey"
PREFIX = "survey."
RATE, DECLINE, MORE = (f"{PREFIX}{name}" for name in ("rate", "decline", "more"))
NPS, COMMENT = "nps", "comment"  # of the form
SCORES = {str(nps): str(nps) for nps in range(LOWEST_NPS, HIGHEST_NPS + 1)}


class SurveySheets:
    def __init__(self, prompts: Prompts, locale: Locale) -> None:
        """In the language of the conversation."""
        self._say = Words(prompts, ACT, locale).text

    def asked(self, label: str, value: str) -> Sheet:
        """`label`: of the ticket; `value`: what each button brings back."""
        rates = tuple(
            Button(f"{RATE}.{csat}", self._say(f"csat_{csat}"), value)
            for csat in range(LOWEST_CSAT, HIGHEST_CSAT + 1)
        )
        return _sheet(
            self._say("question", ticket=label),
            Buttons("survey", rates),
            Small(((self._say("scale"),),)),
            Buttons("survey_end", (Button(DECLINE, self._say("decline"), value),)),
        )

    def rated(self, csat: int, value: str) -> Sheet:
        more = Button(MORE, self._say("more"), value)
        return _sheet(self._say("thanks", csat=str(csat)), Buttons("survey", (more,)))

    def over(self, name: str) -> Sheet:
        """`name`: done, declined or closed."""
        return _sheet(self._say(name))

    def not_theirs(self) -> Sheet:
        return _sheet(self._say("not_theirs"))

    def form(self, label: str, value: str) -> Form:
        return Form(
            MORE,
            value,
            self._say("title", ticket=label),
            self._say("send"),
            self._say("close"),
            (
                Choice(NPS, self._say("recommend"), SCORES, is_optional=True),
                TextField(COMMENT, self._say("comment"), is_optional=True),
            ),
        )


def _sheet(text: str, *parts: Part) -> Sheet:
    return Sheet(text, (Paragraph(((text,),)), *parts))
