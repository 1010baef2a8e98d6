import re

from bot.services.patterns import join

WORDS = {"thing": ["bill", "<big> bill"], "big": ["large", "huge"]}


def test_names_stand_for_their_words_innermost_last() -> None:
    pattern = re.compile(join(["my <thing>", "our (?:<big>) one"], WORDS))
    for text in ("my bill", "my large bill", "our huge one"):
        assert pattern.fullmatch(text)
    assert not pattern.fullmatch("my huge one")


def test_no_pattern_joins_to_nothing() -> None:
    assert join([], WORDS) == ""
