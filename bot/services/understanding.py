"""What a message means: its language, what it wants, and the question that stands alone."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from bot.domain.conversation import Author, Locale, Message, Outcome
from bot.domain.text import count_words
from bot.domain.understanding import CHOSEN, JOINED, Intent, Understanding
from bot.services import personal_data
from bot.services.accounts import AccountQuestions
from bot.services.choices import Choices, names_one, offered
from bot.services.followups import FollowUpDetector
from bot.services.intents import IntentClassifier, Reading
from bot.services.language import Language, LanguageDetector, clean
from bot.services.question_kind import QuestionKind
from bot.services.rewriting import Rewriter

_TURNS_BACK = 3  # questions a follow-up may lean on
_TURNS_SEEN = 12  # customer messages looked through for them
_QUESTION_CHARS = 1_000  # of an earlier message that becomes context
_PICK_WORDS = 6  # a Chinese character counts as one
_BACKGROUND_CHARS = 200  # of the reply before: its beginning says what it was about
_LEAST_RELIANCE = 0.1  # below it what was said before is not looked at
_WORTH_REWRITING = 0.4  # reliance from which a chat model is asked what is meant
_OFFER_CHARS = 160  # at the end of a bot message, where it asks or offers
_DETAIL = re.compile(r"\d|\S@\S")  # a version, a number, an address
_MARK = re.compile(r"[?？]")
_MARKS = re.compile(r"\[\d+\]|[*`]")  # of citations and emphasis


class Bearing(NamedTuple):
    """Of a message on what was said before it."""

    intent: Intent
    rest: str  # without its courtesies; what the option says where one was picked
    context: str = ""
    rewriting: str | None = None
    leans: bool = False


class QuestionReader:
    """Understands by wording alone, in about half a millisecond; where a chat model is configured,
    a follow-up is put in its words."""

    def __init__(
        self, rewriter: Rewriter | None = None, classifier: IntentClassifier | None = None
    ) -> None:
        self._rewriter = rewriter
        self._detector = LanguageDetector()
        self._classifier = classifier or IntentClassifier.load()
        self._follow_ups = FollowUpDetector.load()
        self._choices = Choices.load()
        self._account_questions = AccountQuestions.load()

    def load(self) -> None:
        """Read the language model now (a second), not at the first message that needs it."""
        self._detector.load()

    async def understand(
        self,
        text: str,
        history: Sequence[Message],
        asked_locale: Locale | None,
        default_locale: Locale,
    ) -> Understanding:
        """`history` is what was said before this message, oldest first."""
        language = self._detector.detect(text)
        locale = self._locale(language, history, asked_locale, default_locale)
        reading = await asyncio.to_thread(self._classifier.classify, text)
        bearing = self._bearing(text, reading, language, history)
        intent, context, rest = bearing.intent, bearing.context, bearing.rest
        clarified = _was_asked_back(history)
        background, reliance = "", 0.0
        if intent is Intent.QUESTION and rest and not clarified and not language.foreign:
            background, reliance = self._background(rest, history)
        question = _join((context, rest), locale)
        understanding = Understanding(
            text=text,
            locale=locale,
            intent=intent,
            question=question or clean(text),
            rest=rest if context else "",
            context=context,
            background=background,
            reliance=reliance,
            leans=bearing.leans,
            rewriting=bearing.rewriting,
            clarified=clarified,
            foreign=language.foreign,
            needs_account=intent is Intent.QUESTION
            and self._account_questions.kind(reading.rest) is not None,
        )
        worth_rewriting = context or reliance >= _WORTH_REWRITING
        if self._rewriter is None or not worth_rewriting or bearing.rewriting == CHOSEN:
            return understanding
        return await self._rewriter.rewrite(understanding, history)

    def _bearing(
        self, text: str, reading: Reading, language: Language, history: Sequence[Message]
    ) -> "Bearing":
        """How the message bears on what was said before it."""
        intent, rest, asks = reading.intent, reading.rest, reading.intent is Intent.QUESTION
        options = offered(history)
        leans = not language.foreign and self._follow_ups.leans(rest)
        bound = leans or not options or names_one(text, options)
        if reading.assent and self._takes_person(reading, history):
            return Bearing(Intent.PERSON, rest)
        if option := self._choices.picked(rest or text, options):  # "the first" may be an assent
            return Bearing(Intent.QUESTION, option, self._context(history), CHOSEN, leans=True)
        if asks and _was_asked_back(history) and _picks(text, history[-1]):
            return self._joined(intent, rest, history, bound)
        if asks and _tells(rest, history):
            return self._joined(intent, _without_personal_data(rest), history, bound)
        if reading.assent and _last_bot_message_offers(history):
            bearing = self._joined(Intent.QUESTION, rest, history, leans=True)
            return bearing if bearing.context else Bearing(intent, rest)
        if asks and leans:
            return self._joined(intent, rest, history, leans)
        return Bearing(intent, rest)

    def _joined(
        self, intent: Intent, rest: str, history: Sequence[Message], leans: bool
    ) -> "Bearing":
        context = self._context(history)
        return Bearing(intent, rest, context, JOINED if context else None, leans and bool(context))

    def _locale(
        self,
        language: Language,
        history: Sequence[Message],
        asked: Locale | None,
        default: Locale,
    ) -> Locale:
        """A clear text decides; else the channel does, then what the customer last wrote."""
        if language.locale is not None and not language.doubtful:
            return language.locale
        if asked is not None or language.foreign:
            return asked or default
        earlier = islice(_customer_texts(history), _TURNS_SEEN)
        spoken = (lang for lang in map(self._detector.detect, earlier) if not lang.doubtful)
        fallback = language.locale or default
        return next((lang.locale for lang in spoken if lang.locale is not None), fallback)

    def _background(self, text: str, history: Sequence[Message]) -> tuple[str, float]:
        """What the message may be about though it does not say so, and how likely that is."""
        reliance = self._follow_ups.reliance(text)
        if reliance < _LEAST_RELIANCE:
            return "", 0.0
        background = self._said_last(history)
        return background, reliance if background else 0.0

    def _said_last(self, history: Sequence[Message]) -> str:
        """The latest question and the beginning of the answer to it, where it was answered."""
        reply: Message | None = None
        for message in islice(reversed(history), 2 * _TURNS_SEEN):
            if message.author is Author.BOT:
                reply = message
            elif message.author is Author.CUSTOMER:
                reading = self._classifier.classify(message.text)
                if reading.intent is Intent.QUESTION:
                    said = [reading.rest[:_BACKGROUND_CHARS]]
                    if reply and reply.outcome in (None, Outcome.ANSWERED):
                        said.append(_MARKS.sub("", clean(reply.text)).strip()[:_BACKGROUND_CHARS])
                    return _join(said, None)
        return ""

    def _context(self, history: Sequence[Message]) -> str:
        """The questions a follow-up leans on, back to the one that stood alone, oldest first."""
        questions: list[str] = []
        for question, stands_alone in islice(self._questions(history), _TURNS_BACK):
            questions.insert(0, question[:_QUESTION_CHARS])
            if stands_alone:
                break
        return _join(questions, self._detector.detect(" ".join(questions)).locale)

    def _takes_person(self, reading: Reading, history: Sequence[Message]) -> bool:
        """Whether this takes up the offer of a person; "ok" does so only after a question."""
        if not history or history[-1].author is not Author.BOT:
            return False
        end = history[-1].text[-_OFFER_CHARS:]
        surely = reading.intent is Intent.EMPTY or _MARK.search(end) is not None
        return surely and self._classifier.offers_person(end)

    def _questions(self, history: Sequence[Message]) -> Iterator[tuple[str, bool]]:
        """Latest first, and whether each stands alone; small talk and requests for a person are
        passed over. What was picked by its place is the option that stood there."""
        for at, text in islice(_customer_turns(history), _TURNS_SEEN):
            reading = self._classifier.classify(text)
            if option := self._choices.picked(reading.rest or text, offered(history[:at])):
                yield option, False
            elif reading.intent is Intent.QUESTION:
                yield reading.rest, not self._follow_ups.leans(reading.rest)


def _customer_turns(history: Sequence[Message]) -> Iterator[tuple[int, str]]:
    """Latest first, with their place."""
    turns = ((at, history[at]) for at in reversed(range(len(history))))
    return ((at, message.text) for at, message in turns if message.author is Author.CUSTOMER)


def _customer_texts(history: Sequence[Message]) -> Iterator[str]:
    """Latest first."""
    return (text for _, text in _customer_turns(history))


def _was_asked_back(history: Sequence[Message]) -> bool:
    return bool(history) and history[-1].outcome is Outcome.CLARIFIED


def _tells(text: str, history: Sequence[Message]) -> bool:
    """Asks nothing, but answers what the bot has just asked: which version, whose account."""
    if not history or history[-1].author is not Author.BOT:
        return False
    if _MARK.search(text) or QuestionKind.of(text).is_any:
        return False
    last = history[-1]
    asked = last.text.rstrip().endswith(("?", "？")) and _DETAIL.search(text)
    return last.outcome is Outcome.CLARIFIED or bool(asked)


def _without_personal_data(text: str) -> str:
    """What is looked up does not need it."""
    for found in reversed(personal_data.find(text)):
        text = text[: found.start] + text[found.end :]
    return text.strip()


def _picks(text: str, question: Message) -> bool:
    """One of the options the bot has named, or as few words as one would use to name it."""
    picked = clean(text)
    return picked.casefold() in question.text.casefold() or count_words(picked) <= _PICK_WORDS


def _last_bot_message_offers(history: Sequence[Message]) -> bool:
    if not history or history[-1].author is Author.CUSTOMER:
        return False
    last = history[-1]
    if last.outcome is Outcome.ABSTAINED:  # asks for other words: "yes" gives none
        return False
    end = last.text[-_OFFER_CHARS:]
    return last.outcome is Outcome.CLARIFIED or "?" in end or "？" in end


def _join(questions: Sequence[str], locale: Locale | None) -> str:
    return ("；" if locale is Locale.ZH else " ; ").join(filter(None, questions))
