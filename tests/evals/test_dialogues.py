"""Dialogues of the contract's format as turns, each with what was said before it."""

import json
from collections import Counter
from pathlib import Path

import pytest

from bot.domain.conversation import Author, Locale, Outcome
from bot.domain.errors import ConfigurationError
from bot.domain.understanding import ToneLabel
from evals.dialogues import OWN_DIALOGUES, load_turns

USER = {"role": "user", "text": "so?", "tone": "frustrated", "wants_human": False}
ROW = {
    "id": "d",
    "locale": "en",
    "turns": [
        USER | {"text": "how", "tone": "calm", "offer_human": False},
        {"role": "bot", "text": "I don't know.", "outcome": "abstained"},
        USER | {"offer_human": True},
    ],
}


def written(tmp_path: Path, *rows: object) -> Path:
    file = tmp_path / "dialogues.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return file


def test_each_customer_turn_has_what_was_said_before(tmp_path: Path) -> None:
    first, last = load_turns(written(tmp_path, ROW))
    assert (first.text, first.history, first.number) == ("how", (), 1)
    assert (last.tone, last.offer_human, last.number) == (ToneLabel.FRUSTRATED, True, 2)
    assert [m.author for m in last.history] == [Author.CUSTOMER, Author.BOT]
    assert last.history[-1].outcome is Outcome.ABSTAINED


@pytest.mark.parametrize("fault", [{"locale": "fr"}, {"turns": [{"role": "user"}]}])
def test_a_line_that_is_no_dialogue_is_named(tmp_path: Path, fault: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match=r"dialogues\.jsonl:2: no dialogue"):
        list(load_turns(written(tmp_path, ROW, ROW | fault)))


def test_there_are_enough_own_ones_of_each_language() -> None:
    turns = list(load_turns(OWN_DIALOGUES))
    dialogues = Counter({turn.dialogue: turn.locale for turn in turns}.values())
    assert all(dialogues[locale] >= 30 for locale in Locale)
    for locale in Locale:
        spoken = [turn for turn in turns if turn.locale is locale]
        assert {turn.tone for turn in spoken} == set(ToneLabel)
        assert any(turn.wants_human for turn in spoken)
        assert all(turn.offer_human for turn in spoken if turn.wants_human)
        assert all(turn.offer_human for turn in spoken if turn.tone is ToneLabel.ANGRY)
