"""What tone is fitted on: the parts that need no development sets."""

from collections import Counter

from bot.domain.conversation import Locale
from evals.cases import read_rows
from evals.dialogues import OWN_DIALOGUES, turns_of
from evals.tone_samples import (
    FOLDS,
    LEFT_OUT,
    OWN,
    block,
    framed_questions,
    own_tones,
    own_wordings,
    without,
)


def test_parallels_of_both_languages_are_left_out_together() -> None:
    assert block("utt-zh-040", 35) == block("utt-en-040", 35)
    samples = list(own_wordings())
    folds = {(s.turn.dialogue, s.turn.locale): s.fold for s in samples}
    assert all(folds[name, Locale.ZH] == fold for (name, _), fold in folds.items())
    assert {s.fold for s in samples} == set(range(FOLDS))


def test_own_messages_and_dialogues_are_many_in_both_languages() -> None:
    samples = list(own_tones())
    singles = Counter(s.turn.locale for s in samples if s.source == "own messages")
    dialogues = {(s.turn.locale, s.turn.dialogue) for s in samples if s.source == "own dialogues"}
    assert min(singles.values()) > 650
    assert min(Counter(locale for locale, _ in dialogues).values()) > 60
    assert {s.fold for s in samples} == set(range(FOLDS))


def test_a_dialogue_is_left_out_whole() -> None:
    folds: dict[str, set[int]] = {}
    for sample in own_tones():
        folds.setdefault(sample.turn.dialogue, set()).add(sample.fold)
    assert all(len(one) == 1 for one in folds.values())


def test_who_is_angry_or_asks_for_a_person_is_offered_one() -> None:
    for sample in own_tones():
        turn = sample.turn
        if sample.source == "own dialogues" and (turn.wants_human or turn.tone == "angry"):
            assert turn.offer_human, turn.text


def test_what_is_counted_is_not_fitted_on() -> None:
    counted = {t.text for row in read_rows(OWN_DIALOGUES) for t in turns_of(row)}
    fitted = {s.turn.text for s in own_tones()}
    assert {text for text in counted & fitted if len(text) > 8} == set()


def test_questions_are_framed_in_every_tone_and_language() -> None:
    samples = list(framed_questions())
    assert len({(s.turn.locale, s.turn.tone) for s in samples}) == 6
    assert all("<" not in s.turn.text for s in samples)
    assert {s.fold for s in samples} == set(range(FOLDS))


def test_a_group_can_be_left_out_of_every_fit() -> None:
    samples = list(own_tones())
    assert {s.fold for s in without(samples, OWN)} == {LEFT_OUT}
    assert without(samples, frozenset()) == samples
