"""How the customer sounds and how the conversation has gone, from their words and the turns alone.

Nothing here depends on what can be looked up, so a recorded dialogue is judged as it was live.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.domain.conversation import Author, Message, Outcome
from bot.domain.understanding import Course, Intent, Tone, ToneLabel, Understanding, Urgency
from bot.ports import Affect, Similarity, ToneModel
from bot.services.complaints import Complaints
from bot.services.course import TURNS_SEEN, CourseReader, Spoken
from bot.services.intents import IntentClassifier
from bot.services.language import HAN
from bot.services.question_kind import QuestionKind
from bot.services.speech import hear
from bot.services.tone_signals import ToneSignals
from bot.services.urgency import UrgencyDetector

UPSET = 0.5  # from which somebody is not calm
COMPLAINING_AT_FIRST = 0.85  # the same, where nothing has gone wrong in this conversation
HOSTILE = 0.5  # from which they are angry
MOST_REASONS = 4
KEPT = 2_000  # messages: of a conversation the earlier ones were heard before
_HAN = re.compile(f"[{HAN}]")
_CHOICE = re.compile(
    r"(?:只|是)[^,。!?;]{1,12}还是(?![不没])"
    r"|^(?:is it |are they )?(?:only|just)\b[^.!?;]{1,40}\bor\b"
)
_OBJECTIONS = ("misheard", "persistence")  # signals that say the answer did not help


@dataclass(frozen=True, slots=True)
class Utterance:
    """One message, heard by itself."""

    spoken: str
    read: str  # what the model sees of it
    signals: dict[str, float]
    affect: Affect
    urgency: Urgency | None
    wants_human: bool

    @property
    def presses(self) -> bool:
        marked = self.signals["asking"] > 0 or self.signals["asks"] > 0
        asks = marked or QuestionKind.of(self.spoken).is_any or bool(_CHOICE.search(self.spoken))
        return not asks or self.signals["urging"] > 0

    @property
    def in_course(self) -> Spoken:
        objects = any(self.signals[name] for name in _OBJECTIONS)
        return Spoken(self.spoken, self.affect.upset, objects, self.wants_human)


class Listener:
    def __init__(
        self,
        model: ToneModel,
        similarity: Similarity | None,
        classifier: IntentClassifier,
        urgencies: UrgencyDetector | None = None,
    ) -> None:
        """Without `urgencies` what cannot wait is told by patterns alone."""
        self._model = model
        self._signals = ToneSignals.load()
        self._urgencies = urgencies or UrgencyDetector.load()
        self._complaints = Complaints.load(self._signals)
        self._courses = CourseReader(similarity)
        self._classifier = classifier
        self.utterance = lru_cache(KEPT)(self._utterance)

    def hear(
        self, understanding: Understanding, history: Sequence[Message], dislikes: int = 0
    ) -> Understanding:
        """What was understood, with tone, urgency and course. Computes: call it in a thread."""
        own = self.utterance(understanding.text)
        course = self.course(understanding.text, history, dislikes)
        wanted = understanding.wants_human or own.wants_human
        named = circumstances(own, course, self.earlier(history), wants_human=wanted)
        judged = self._model.judge(own.affect, own.signals | named)
        label = ToneLabel.CALM
        if judged.upset >= UPSET:
            label = ToneLabel.ANGRY if judged.hostile >= HOSTILE else ToneLabel.FRUSTRATED
        reasons = judged.reasons[:MOST_REASONS] if label is not ToneLabel.CALM else ()
        tone = Tone(label, judged.upset, reasons)
        return replace(
            understanding,
            intent=Intent.PERSON if wanted else self._intent(understanding, own, course, tone),
            tone=tone,
            urgency=own.urgency,
            course=course,
            need=judged.need,
            presses=own.presses,
        )

    def _intent(
        self, understanding: Understanding, own: Utterance, course: Course, tone: Tone
    ) -> Intent:
        """Where somebody is upset and says nothing else, there is no question."""
        intent = understanding.intent
        if intent is not Intent.QUESTION or own.urgency is not None:
            return intent
        least = UPSET if course.turns else COMPLAINING_AT_FIRST
        complains = tone.score >= least and self._complaints.is_all(own.spoken)
        return Intent.COMPLAINT if complains else intent

    def latest_urgency(
        self, understanding: Understanding, history: Sequence[Message]
    ) -> Urgency | None:
        """What cannot wait: of this message, else of the last one before that named something."""
        heard = (one.urgency for one in reversed(self.earlier(history)))
        return understanding.urgency or next(filter(None, heard), None)

    def course(self, text: str, history: Sequence[Message], dislikes: int = 0) -> Course:
        texts = [*said(history), text]
        return self._courses.read(
            history, [self.utterance(one).in_course for one in texts], dislikes
        )

    def earlier(self, history: Sequence[Message]) -> tuple[Utterance, ...]:
        """The customer's messages before, oldest first."""
        return tuple(map(self.utterance, said(history)))

    def _utterance(self, text: str) -> Utterance:
        speech = hear(text)
        asks = self._classifier.classify(text).intent is Intent.PERSON
        signals = self._signals.of(speech, asks_for_person=asks)
        # Whoever just asks for a person is as calm as the rest of their words: there are none.
        read = "" if _asks_barely(signals) else speech.spoken
        return Utterance(
            speech.spoken,
            read,
            signals,
            self._model.read(read, signals),
            self._urgencies.kind(speech.spoken),
            asks,
        )


def circumstances(
    own: Utterance, course: Course, earlier: Sequence[Utterance], *, wants_human: bool
) -> dict[str, float]:
    """What the model weighs beside the words, by name, each about 0..1."""
    failed = min(course.failures, 3) / 3
    upset_before = [one.affect.upset for one in earlier]
    objected = float(course.failures_running > 0)
    return {
        "chinese": float(_HAN.search(own.spoken) is not None),
        "continued": float(course.turns > 0),
        "failed_answers": failed,
        "failed_in_a_row": min(course.failures_running, 3) / 3,
        "last_failed": objected,
        "declined": min(course.declined, 3) / 3,
        "same_answer": min(course.same_answers, 2) / 2,
        "rephrased": min(course.rephrasings, 2) / 2,
        "likeness": max(course.likeness, 0.0),
        "curt": float(course.is_curt and not own.signals["thanks"]),
        "curt_after_failure": float(course.is_curt and not own.signals["thanks"]) * objected,
        "disliked": min(course.dislikes, 2) / 2,
        "asked_before": float(course.asked_before),
        "wants_human": float(wants_human),
        "asks_barely": _asks_barely(own.signals),
        "asks_barely_at_first": _asks_barely(own.signals) * (course.turns == 0),
        "urgent": float(own.urgency is not None),
        "urgent_before": float(any(one.urgency for one in earlier)),
        "asked_back": min(course.asked_back, 3) / 3,
        "after_handoff": float(course.last is Outcome.HANDED_OFF),
        "after_question": float(course.last is Outcome.CLARIFIED),
        "after_answer": float(course.last is Outcome.ANSWERED),
        "calm_words": float(own.signals["plain_thanks"] or own.signals["ease"] > 0),
        "plain_words": float(own.signals["plain_question"]),
        "only_marks": own.signals["only_marks"],
        "staccato": own.signals["staccato"],
        "several": own.signals["several"],
        "upset_before": _squashed(max(upset_before, default=-3.0)),
        "upset_just_before": _squashed(upset_before[-1] if upset_before else -3.0),
    }


def _asks_barely(signals: Mapping[str, float]) -> float:
    return signals["plain_request"] * signals["short"]


def _squashed(log_odds: float) -> float:
    return (max(-3.0, min(log_odds, 3.0)) + 3.0) / 6.0


def said(history: Sequence[Message]) -> list[str]:
    """The customer's earlier messages, oldest first, as far as they are looked back at."""
    return [m.text for m in history if m.author is Author.CUSTOMER][-TURNS_SEEN:]
