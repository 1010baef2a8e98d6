"""What a message wants, by word lists and small patterns (`intents.toml`)."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from bot.domain.understanding import Intent
from bot.ports import RequestClause, RequestModel
from bot.services.language import clean, simplify
from bot.services.patterns import join
from bot.services.request_wording import LANGUAGES, PersonRequest

_COURTESIES = ("greeting", "thanks", "farewell", "acknowledgement", "assent", "opening")
_BETWEEN = re.compile(r"(?:[:;=]-?[dp]\b|[\W_])*")
_SMALL_TALK_CHARS = 160  # longer messages are never small talk


@dataclass(frozen=True, slots=True)
class Reading:
    intent: Intent
    rest: str  # the message without its courtesies, Simplified; empty when it was nothing else
    assent: bool = False  # "yes", "ok", "go on" and nothing more: takes up what was offered
    courtesies: frozenset[str] = frozenset()  # of a message that was nothing else


class SmallTalk:
    """Takes courtesies off a message and tells what a message of courtesies means."""

    def __init__(self, book: Mapping[str, Any]) -> None:
        courtesies = [
            f"(?P<{kind}_{language}>{_joined(book[language], kind)}){book[language]['end']}"
            for language in LANGUAGES
            for kind in _COURTESIES
        ]
        self._leading = re.compile("|".join(courtesies), re.IGNORECASE)
        self._trailing = re.compile(
            rf"(?<=[\W_])(?:{_alternatives(book, 'thanks').pattern})[\W_]*$", re.IGNORECASE
        )
        self._about_bot = _alternatives(book, "about_bot")
        self._no_question_yet = _alternatives(book, "no_question_yet")

    @classmethod
    @cache
    def load(cls) -> "SmallTalk":
        return cls(_load_book())

    def read(self, text: str) -> Reading:
        kinds, rest = self._strip(text)
        if len(rest) > _SMALL_TALK_CHARS:
            return Reading(Intent.QUESTION, rest)
        bare = rest.strip().rstrip("?!.~。？！～… ")
        if not re.search(r"\w", rest):
            return self._courtesy(kinds)
        if self._about_bot.fullmatch(bare):
            return Reading(Intent.ABOUT_BOT, "")
        if self._no_question_yet.fullmatch(bare):
            return Reading(Intent.EMPTY, "")
        return Reading(Intent.QUESTION, self._trailing.sub("", rest).rstrip(" ,，;；") or rest)

    def _strip(self, text: str) -> tuple[set[str], str]:
        kinds: set[str] = set()
        position = _begin(text, 0)
        while match := self._leading.match(text, position):
            kinds.add(str(match.lastgroup).rpartition("_")[0])
            position = _begin(text, match.end())
        return kinds, text[position:] if kinds else text

    def _courtesy(self, kinds: set[str]) -> Reading:
        assent = bool(kinds) and kinds <= {"assent", "acknowledgement"}
        for kind, intent in (
            ("thanks", Intent.THANKS),
            ("farewell", Intent.FAREWELL),
            ("acknowledgement", Intent.THANKS),
            ("greeting", Intent.GREETING),
        ):
            if kind in kinds:
                return Reading(intent, "", assent, frozenset(kinds))
        return Reading(Intent.EMPTY, "", assent)


class IntentClassifier:
    def __init__(self, book: Mapping[str, Any], requests: RequestModel | None = None) -> None:
        self._person_request = PersonRequest(book, requests)
        self._small_talk = SmallTalk(book)
        self._offers_person = _alternatives(book, "offers_person")

    @classmethod
    def load(cls, requests: RequestModel | None = None) -> "IntentClassifier":
        """With a model of requests for a person: computes (milliseconds)."""
        return cls(_load_book(), requests)

    def request_clauses(self, text: str) -> Sequence[RequestClause]:
        """What a model of requests for a person is given of this message."""
        return self._person_request.clauses(simplify(clean(text)))

    def offers_person(self, said: str) -> bool:
        """Of what the bot has said, that a "yes" would be a request."""
        return self._offers_person.search(simplify(clean(said))) is not None

    def classify(self, text: str) -> Reading:
        message = simplify(clean(text))
        if self._person_request.found_in(message):
            return Reading(Intent.PERSON, message)
        return self._small_talk.read(message)


def _load_book() -> Mapping[str, Any]:
    return tomllib.loads(files("bot.services").joinpath("intents.toml").read_text("utf-8"))


def _begin(text: str, position: int) -> int:
    """Where the next word starts; an opening mark that belongs to it is kept."""
    match = _BETWEEN.match(text, position)
    end = match.end() if match else position
    while end > position and text[end - 1] in "#@/\"'“「『(（[【-$":
        end -= 1
    return end


def _alternatives(book: Mapping[str, Any], name: str) -> re.Pattern[str]:
    joined = (_joined(book[language], name) for language in LANGUAGES)
    return re.compile("|".join(filter(None, joined)), re.IGNORECASE)


def _joined(book: Mapping[str, Any], name: str) -> str:
    return join(book.get(name, ()), book["words"])
