"""What a message means, before anything is looked up."""

from dataclasses import dataclass, replace
from enum import StrEnum

from bot.domain.conversation import Locale, Outcome


class ToneLabel(StrEnum):
    CALM = "calm"
    FRUSTRATED = "frustrated"
    ANGRY = "angry"


@dataclass(frozen=True, slots=True)
class Tone:
    label: ToneLabel = ToneLabel.CALM
    score: float = 0.0  # how sure that the user is not calm, 0..1
    reasons: tuple[str, ...] = ()


CALM = Tone()


class Trend(StrEnum):
    FALLING = "falling"  # calmer than in the turn before
    LEVEL = "level"
    RISING = "rising"


class Urgency(StrEnum):
    """What has happened to the customer and cannot wait."""

    OUTAGE = "outage"
    DATA_LOSS = "data_loss"
    SECURITY = "security"
    LOCKOUT = "lockout"
    BILLING = "billing"
    LEGAL = "legal"


@dataclass(frozen=True, slots=True)
class Course:
    """How the conversation has gone, seen from the message that is being answered."""

    turns: int = 0  # messages of the customer before this one
    failures: int = 0  # bot turns that did not help
    failures_running: int = 0  # the last ones of them, one after the other
    declined: int = 0  # bot turns that said they could not help
    asked_back: int = 0  # bot turns that put a question
    last: Outcome | None = None  # how the bot turn before this message ended
    same_answers: int = 0  # how often the last answer had been given before
    rephrasings: int = 0  # earlier messages that this one says again
    likeness: float = 0.0  # to the one of them that is most alike, 0..1
    is_curt: bool = False  # a few words in reply to the bot
    asked_before: bool = False  # for a person, in an earlier message
    dislikes: int = 0  # thumbs down
    trend: Trend = Trend.LEVEL

    @property
    def went_badly(self) -> bool:
        """However this message sounds: a tone that changes makes one failure by itself."""
        asked_in_vain = self.declined or self.same_answers or self.rephrasings
        return bool(self.failures > 1 or asked_in_vain or self.dislikes or self.asked_before)


START = Course()

# How a question came to stand alone, where it is not a reason why a chat model's was refused.
JOINED = "wording"
REWRITTEN = "model"
CHOSEN = "option"  # of those that the bot has named, by its place
RESOLVED = frozenset({REWRITTEN, CHOSEN})  # what the message means stands in the question


class Intent(StrEnum):
    QUESTION = "question"
    GREETING = "greeting"
    THANKS = "thanks"
    FAREWELL = "farewell"
    ABOUT_BOT = "about_bot"
    PERSON = "person"  # asks for a human being
    COMPLAINT = "complaint"  # is upset and says nothing else
    EMPTY = "empty"  # nothing that could be answered: "?", "...", an emoji


@dataclass(frozen=True, slots=True)
class Understanding:
    text: str
    locale: Locale
    intent: Intent
    question: str  # stands alone: what is looked up
    context: str = ""  # the earlier turns a follow-up leans on; empty for a new topic
    rest: str = ""  # of a follow-up that was joined: the message alone, without its courtesies
    background: str = ""  # what was said last, whether the question leans on it or not
    reliance: float = 0.0  # how likely it is that the question is about that, 0..1
    leans: bool = False  # by its wording it means nothing without what was said before
    rewriting: str | None = None  # how the question came to stand alone; None where it did so
    clarified: bool = False  # the bot has just asked back
    foreign: bool = False  # written in neither Chinese nor English
    needs_account: bool = False  # only somebody who can look into the account can answer
    tone: Tone = CALM
    urgency: Urgency | None = None
    course: Course = START
    need: float = 0.0  # how sure that a person should be offered now, 0..1
    presses: bool = False  # says that something is so, or for haste, rather than asks about it

    @property
    def own_text(self) -> str:
        """Of a follow-up that was joined to what it leans on: the message alone."""
        return self.text if self.context and self.rewriting not in RESOLVED else ""

    @property
    def alone(self) -> "Understanding":
        """As if nothing had been said before."""
        bare = replace(self, rest="", context="", background="", reliance=0.0, leans=False)
        return replace(bare, question=self.rest or self.question, rewriting=None)

    @property
    def wants_human(self) -> bool:
        return self.intent is Intent.PERSON
