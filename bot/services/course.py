"""The course of a conversation: what was asked again, what did not help, whether it gets worse."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.domain.conversation import Author, Message, Outcome
from bot.domain.errors import ModelUnavailable
from bot.domain.understanding import Course, Trend
from bot.ports import Similarity
from bot.services.language import clean, simplify

TURNS_SEEN = 6  # customer messages looked back at
ALIKE = 0.62  # cosine from which a message says the same again
SAME = 0.85  # share of common pieces from which two answers are one
CURT = 4  # words; a Chinese character counts as half of one
SHIFT = 1.0  # log-odds by which a tone has changed
_PIECE = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]")
_DECLINES = re.compile(
    r"\b(?:couldn't|could not|can't|cannot|unable to|don't have|do not have|didn't find|not able to"
    r"|no (?:further |more )?information|don't know|not sure|only have|rather not guess)\b"
    r"|没有?找到|无法|不能(?:确定|查|处理|回答)|暂时(?:没|不)|没有(?:相关|更多)|不太清楚|不知道|不确定|看不到"
    r"|抱歉.{0,12}(?:没|无法|不能|暂)|查不到|超出",
    re.IGNORECASE,
)
_ASKS_BACK = re.compile(
    r"[?？]\s*$|^请(?:问|提供|描述|说明)|\b(?:could|can) you (?:describe|tell|share)"
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """An earlier or the present message of the customer, as far as its words tell."""

    text: str  # as spoken
    upset: float  # log-odds of its words alone
    objects: bool = False  # says that the answer before it did not help
    wants_human: bool = False


class CourseReader:
    def __init__(self, similarity: Similarity | None = None) -> None:
        """Without a similarity, what is alike is told by the words in common."""
        self._similarity = similarity

    def read(
        self, history: Sequence[Message], spoken: Sequence[Spoken], dislikes: int = 0
    ) -> Course:
        """`spoken`: the customer's messages of the history, as many as are known of its end, and
        the present one last."""
        *earlier, present = spoken
        exchanges = _exchanges(history, len(earlier))
        likenesses = self._likenesses([*(one.text for one in earlier)], present.text)
        helped = self._helped(exchanges, spoken)
        outcomes = [_outcome(reply) for reply in exchanges if reply]
        before = earlier[-1].upset if earlier else present.upset
        last = exchanges[-1] if exchanges else None
        return Course(
            turns=len(earlier),
            failures=helped.count(False),
            failures_running=_running(helped),
            declined=outcomes.count(Outcome.ABSTAINED),
            asked_back=outcomes.count(Outcome.CLARIFIED),
            last=_outcome(last) if last else None,
            same_answers=sum(_is_same(last, other) for other in exchanges[:-1]) if last else 0,
            rephrasings=sum(likeness >= ALIKE for likeness in likenesses),
            likeness=max(likenesses, default=0.0),
            is_curt=bool(last) and _words(present.text) <= CURT,
            asked_before=any(one.wants_human for one in earlier),
            dislikes=dislikes,
            trend=_trend(before, present.upset),
        )

    def _helped(self, exchanges: Sequence[Message | None], spoken: Sequence[Spoken]) -> list[bool]:
        """For each reply, oldest first: whether it can have helped. Asking back is neither."""
        verdicts: list[bool] = []
        for place, reply in enumerate(exchanges):
            if reply is None:
                continue
            outcome, following = _outcome(reply), spoken[place + 1]
            repeated = any(_is_same(reply, other) for other in exchanges[:place])
            if outcome is Outcome.CLARIFIED and not repeated:
                continue
            asked_again = self._likenesses([spoken[place].text], following.text)[0] >= ALIKE
            failed = (
                outcome is Outcome.ABSTAINED
                or repeated
                or following.objects
                or following.upset > 0
                or asked_again
            )
            verdicts.append(not failed)
        return verdicts

    def _likenesses(self, texts: Sequence[str], present: str) -> list[float]:
        if not texts:
            return []
        if self._similarity is not None:
            try:
                return [row[0] for row in self._similarity.compare(texts, [present])]
            except ModelUnavailable:
                pass
        return [_overlap(_pieces(text), _pieces(present)) for text in texts]


def _exchanges(history: Sequence[Message], turns: int) -> list[Message | None]:
    """The last reply to each of so many customer messages, oldest first."""
    replies: list[Message | None] = []
    for message in history:
        if message.author is Author.CUSTOMER:
            replies.append(None)
        elif message.author is Author.BOT and replies:
            replies[-1] = message
    return replies[len(replies) - turns :]


def _outcome(reply: Message) -> Outcome:
    """As recorded, else as its words sound."""
    if reply.outcome is not None:
        return reply.outcome
    text = clean(simplify(reply.text))
    if _DECLINES.search(text[:120]):
        return Outcome.ABSTAINED
    return Outcome.CLARIFIED if _ASKS_BACK.search(text) else Outcome.ANSWERED


def _is_same(reply: Message | None, other: Message | None) -> bool:
    if reply is None or other is None:
        return False
    return _overlap(_pieces(reply.text), _pieces(other.text)) >= SAME


def _pieces(text: str) -> frozenset[str]:
    pieces = _PIECE.findall(simplify(text).lower())
    return frozenset(pieces) | {a + b for a, b in pairwise(pieces)}


def _overlap(some: frozenset[str], others: frozenset[str]) -> float:
    return len(some & others) / max(len(some | others), 1)


def _words(text: str) -> float:
    return sum(0.5 if len(piece) == 1 and piece > "z" else 1 for piece in _PIECE.findall(text))


def _running(helped: Sequence[bool]) -> int:
    count = 0
    for one in reversed(helped):
        if one:
            break
        count += 1
    return count


def _trend(before: float, now: float) -> Trend:
    if now >= before + SHIFT and now > -SHIFT:
        return Trend.RISING
    return Trend.FALLING if now <= before - SHIFT and before > -SHIFT else Trend.LEVEL
