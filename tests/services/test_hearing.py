"""What was understood, with how it was said; nothing that is looked up has a part in it."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.domain.conversation import Author, Locale, Message, Outcome
from bot.domain.understanding import Intent, ToneLabel, Understanding, Urgency
from bot.ports import Affect, Judgement
from bot.services.hearing import Listener
from bot.services.intents import IntentClassifier


class Swearing:
    """Takes everybody who insults for angry; remembers what it was told."""

    def __init__(self) -> None:
        self.known: Mapping[str, float] = {}
        self.read_texts: list[str] = []

    def read(self, spoken: str, signals: Mapping[str, float]) -> Affect:
        self.read_texts.append(spoken)
        mood = 3.0 if signals["insult"] else -3.0
        return Affect(mood, mood)

    def judge(self, affect: Affect, circumstances: Mapping[str, float]) -> Judgement:
        self.known = circumstances
        upset = 0.9 if affect.upset > 0 else 0.1
        return Judgement(upset, upset, 0.3, ("insult",))


def heard(
    text: str, *history: Message, model: Swearing | None = None, dislikes: int = 0
) -> Understanding:
    listener = Listener(model or Swearing(), None, IntentClassifier.load())
    understood = Understanding(text, Locale.EN, Intent.QUESTION, question=text)
    return listener.hear(understood, history, dislikes)


def test_an_angry_message_has_a_label_a_score_and_reasons() -> None:
    tone = heard("you stupid bot").tone
    assert (tone.label, tone.score, tone.reasons) == (ToneLabel.ANGRY, 0.9, ("insult",))


def test_a_calm_message_has_no_reasons() -> None:
    tone = heard("how do I print").tone
    assert (tone.label, tone.reasons) == (ToneLabel.CALM, ())


def test_requests_and_urgency_are_heard_too() -> None:
    assert heard("let me talk to a human").wants_human
    assert heard("our account was hacked").urgency is Urgency.SECURITY


def test_what_cannot_wait_is_not_over_because_the_next_message_says_nothing_of_it() -> None:
    listener = Listener(Swearing(), None, IntentClassifier.load())
    hacked, thanks = (Message("c", Author.CUSTOMER, text) for text in ("I was hacked", "ok"))
    understood = Understanding("a human", Locale.EN, Intent.PERSON, question="")
    assert listener.latest_urgency(understood, [hacked, thanks]) is Urgency.SECURITY
    assert listener.latest_urgency(understood, [thanks]) is None
    gone = replace(understood, urgency=Urgency.DATA_LOSS)
    assert listener.latest_urgency(gone, [hacked]) is Urgency.DATA_LOSS


def test_who_only_asks_for_a_person_is_not_judged_by_the_words() -> None:
    model = Swearing()
    heard("a human please", model=model)
    assert model.read_texts == [""]


def test_the_course_is_among_the_circumstances() -> None:
    model = Swearing()
    before = Message("c", Author.CUSTOMER, "how do I print")
    reply = Message("c", Author.BOT, "I found nothing.", outcome=Outcome.ABSTAINED)
    understanding = heard("on paper", before, reply, model=model, dislikes=1)
    assert model.known["last_failed"] == 1
    assert model.known["disliked"] == 0.5
    assert understanding.course.failures == 1


def test_who_is_upset_and_says_nothing_else_puts_no_question() -> None:
    assert heard("you stupid bot, always the same answer").intent is Intent.COMPLAINT
    assert heard("you stupid bot, I asked about invoices").intent is Intent.QUESTION
    assert heard("always the same answer").intent is Intent.QUESTION  # not to this model's ears


def test_who_tells_or_is_in_a_hurry_presses_and_who_asks_does_not() -> None:
    assert heard("all of our projects are gone").presses
    assert heard("所有项目都没了，怎么办？急！").presses
    assert not heard("can deleted projects be restored?").presses


@pytest.mark.parametrize(
    ("text", "presses"),
    [
        ("只影响我这边还是整个公司", False),
        ("only for me or for the whole company", False),
        ("我们公司还是上不去", True),
        ("nobody in our office can open the board", True),
    ],
)
def test_who_asks_which_of_two_it_is_reports_nothing(text: str, presses: bool) -> None:
    assert heard(text).presses is presses
