"""What a customer wants and what of it is still open, in their own words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bot.domain.conversation import Author, Message, Outcome
from bot.domain.text import join_sentences
from bot.ports import Similarity
from bot.services.ask_wording import AskWording, Spoken
from bot.services.wording import content_words

SAME = 0.62  # cosine from which two questions ask the same thing
SAME_MATTER = 0.15  # ... from which a report is about what was just answered
SHARED = 0.6  # share of the fewer content words from which two say the same
MOST_ASKS = 5
CHARACTERS = 240  # of an ask
# What brings an ask to the front: put again, put last, never answered.
_REPEATED, _LAST, _UNANSWERED = 0.3, 0.4, 0.6


@dataclass(slots=True)
class Ask:
    """One thing that is wanted, as it grows over the messages."""

    text: str  # as it was put best
    score: float
    outcome: Outcome | None = None  # of the bot's last reply to it
    settled: bool = False
    contested: bool = False  # an answer to it did not help
    times: int = 1  # it was put
    sayings: list[str] = field(default_factory=list)  # all of them, for comparison
    objections: list[str] = field(default_factory=list)  # to answers it was given

    @property
    def whole(self) -> str:
        """With what stands against the answers, as far as there is room."""
        text = self.text
        for objection in self.objections:
            joined = _joined(text, objection)
            text = joined if len(joined) <= CHARACTERS else text
        return text

    def object(self, text: str) -> None:
        self.settled, self.contested = False, True
        self.sayings.append(text)
        self.objections.append(text)

    def put_again(self, text: str, score: float, better: bool) -> None:
        self.times += 1
        self.settled = False
        self.sayings.append(text)
        if better and score > self.score:
            self.text, self.score = text, score


@dataclass(frozen=True, slots=True)
class Asks:
    """In the order they came up."""

    main: str = ""  # the one a person should see first; empty where nothing was asked
    open: tuple[str, ...] = ()


class AskReader:
    def __init__(self, similarity: Similarity | None = None) -> None:
        """Without `similarity` only shared words tell that two questions ask the same."""
        self._similarity = similarity
        self._wording = AskWording.load()

    def read(self, messages: Sequence[Message]) -> Asks:
        """Oldest first. Computes, so call it in a thread; raises ModelUnavailable."""
        course = _Course(self._wording, self._similarity)
        for message in messages:
            course.hear(message)
        return course.asks()


class _Course:
    """The conversation so far. `current` is what the last message was about."""

    def __init__(self, wording: AskWording, similarity: Similarity | None) -> None:
        self._wording = wording
        self._similarity = similarity
        self._all: list[Ask] = []
        self._current: list[Ask] = []

    def hear(self, message: Message) -> None:
        if message.author is Author.CUSTOMER:
            self._hear_customer(message.text)
        elif message.author in (Author.BOT, Author.AGENT):
            outcome = message.outcome or Outcome.ANSWERED
            for ask in self._current:
                ask.outcome = outcome

    def asks(self) -> Asks:
        pending = [ask for ask in self._all if not ask.settled]
        ranked = pending or self._all
        last = max((n for n, ask in enumerate(self._all) if ask in self._current), default=-1)

        def weight(ask: Ask) -> float:
            is_last = self._all.index(ask) == last
            unanswered = ask.outcome not in (None, Outcome.ANSWERED)
            course = _REPEATED * (ask.times - 1) + _LAST * is_last + _UNANSWERED * unanswered
            return ask.score + course

        main = max(ranked, key=weight).whole if ranked else ""
        return Asks(main, tuple(dict.fromkeys(ask.whole for ask in pending))[-MOST_ASKS:])

    def _hear_customer(self, text: str) -> None:
        sentences = self._wording.sentences(text)
        thanks = self._wording.is_thanks(text)
        objects = any(s.objects for s in sentences)
        if thanks or (self._wording.opens_with_thanks(text) and not objects):
            for ask in self._current:
                ask.settled = ask.outcome is Outcome.ANSWERED
        if thanks:
            return
        heard: list[Ask] = []
        for segment in _segments(sentences):
            refused = self._refused(segment)
            if refused is not None:
                refused.object(_shortened(segment))
                heard.append(refused)
                continue
            known = self._matter_of(segment)
            if known is not None:
                self._put_again(known, segment)
                heard.append(known)
            elif any(s.asks for s in segment) or not self._all:
                heard.extend(self._open(segment))
        if heard:
            for ask in self._current:
                if ask not in heard and ask.outcome is Outcome.ANSWERED and not ask.contested:
                    ask.settled = True  # they moved on
            self._current = heard
        elif any(s.complains or s.denies for s in sentences):
            for ask in self._current:
                ask.contested = True

    def _refused(self, segment: Sequence[Spoken]) -> Ask | None:
        """The ask whose answer this objects to."""
        current = self._current[-1] if self._current else None
        if current is None or current.settled or current.outcome is not Outcome.ANSWERED:
            return None
        if any(s.wants and not s.denies for s in segment) or not any(s.objects for s in segment):
            return None
        stands_alone = any(s.asks for s in segment) and not any(s.denies for s in segment)
        if self._similarity is None or not stands_alone:
            return current
        said = join_sentences([s.text for s in segment])
        return current if self._likeness(said, current) >= SAME_MATTER else None

    def _put_again(self, ask: Ask, segment: Sequence[Spoken]) -> None:
        """What cannot stand alone does not take the place of what can, but may come behind it."""
        ask.contested |= any(s.denies for s in segment)
        best = max(segment, key=lambda s: s.score)
        text, score = _shortened(segment), best.score
        reports = best.asks and not best.wants and ask.outcome is Outcome.ANSWERED
        if reports and self._likeness(text, ask) < SAME:
            ask.object(text)
            return
        stands = not (segment[0].leans or segment[0].denies)
        if not stands and best.wants and best.asks:
            text, stands = _joined(ask.text, best.text), True
            score = ask.score + score
        ask.put_again(text, score, best.wants and stands and len(text) <= CHARACTERS)

    def _open(self, segment: Sequence[Spoken]) -> Iterator[Ask]:
        """A follow-up is put together with what it leans on."""
        score = max(s.score for s in segment)
        if score <= 0:
            return
        text = _shortened(segment)
        if self._leans(segment) and self._current:
            whole = _joined(self._current[-1].text, text)
            text = whole if len(whole) <= CHARACTERS else text
        ask = Ask(text, score, sayings=[text])
        self._all.append(ask)
        yield ask

    def _leans(self, segment: Sequence[Spoken]) -> bool:
        """What comes after a thank you is seldom about the same."""
        over = bool(self._current) and self._current[-1].settled
        first = segment[0]
        if over:
            return self._wording.needs_context(first.text)
        return first.leans or first.objects or first.denies

    def _matter_of(self, segment: Sequence[Spoken]) -> Ask | None:
        """The ask that this says again or adds to."""
        if not self._all:
            return None
        said = join_sentences([s.text for s in segment])
        nearest, likeness = self._nearest(said)
        if likeness >= SAME:
            return nearest
        current = self._current[-1] if self._current else None
        if current is None or current.settled or not any(s.asks for s in segment):
            return None
        question = any(s.question for s in segment)
        unanswered = current.outcome is not Outcome.ANSWERED
        if question:
            return current if segment[0].leans and unanswered else None
        adds = unanswered or segment[0].leans or any(s.denies for s in segment)
        return current if adds or self._likeness(said, current) >= SAME_MATTER else None

    def _nearest(self, said: str) -> tuple[Ask, float]:
        likeness = [self._likeness(said, ask) for ask in self._all]
        best = max(range(len(likeness)), key=likeness.__getitem__)
        return self._all[best], likeness[best]

    def _likeness(self, said: str, ask: Ask) -> float:
        ours = set(content_words(said))
        for saying in ask.sayings:
            theirs = set(content_words(saying))
            fewer = min(len(ours), len(theirs))
            if fewer > 1 and len(ours & theirs) >= SHARED * fewer:
                return 1.0
        if self._similarity is None:
            return 0.0
        (row,) = self._similarity.compare([said], ask.sayings)
        return max(row)


def _segments(sentences: Sequence[Spoken]) -> list[list[Spoken]]:
    """A question with what is told before it; what comes after the last one belongs to it."""
    segments: list[list[Spoken]] = [[]]
    for spoken in sentences:
        if spoken.complains and not (spoken.asks or spoken.objects):
            continue
        is_next = segments[-1] and any(s.question for s in segments[-1]) and not spoken.leans
        if is_next and spoken.asks and spoken.question:
            segments.append([])
        segments[-1].append(spoken)
    return [segment for segment in segments if segment]


def _joined(before: str, behind: str) -> str:
    ended = before.endswith((".", "!", "?", "。", "！", "？"))
    return join_sentences([before, behind]) if ended else f"{before} / {behind}"


def _shortened(segment: Sequence[Spoken]) -> str:
    """The sentence that asks most, and its neighbours while there is room."""
    best = max(range(len(segment)), key=lambda n: segment[n].score)
    first = last = best
    while True:
        wider = [(first - 1, last), (first, last + 1)]
        fitting = [
            (a, b)
            for a, b in wider
            if a >= 0
            and b < len(segment)
            and sum(len(s.text) for s in segment[a : b + 1]) <= CHARACTERS
        ]
        if not fitting:
            break
        first, last = fitting[0]
    return cut(join_sentences([s.text for s in segment[first : last + 1]]))


def cut(text: str) -> str:
    """A single sentence may be as long as a message."""
    if len(text) <= CHARACTERS:
        return text
    head = text[:CHARACTERS]
    place = max(head.rfind(mark) for mark in "，, 、")
    return head[: place if place > CHARACTERS // 2 else CHARACTERS].rstrip("，, 、") + "…"
