import pytest

from bot.services.spelling import ERASED, Spelling, normalise, without_quotes

SPELLING = Spelling(
    words=["human", "agent", "transfer", "someone"],
    variants={"plz": "please"},
    exceptions=["agenda"],
)


@pytest.mark.parametrize(
    ("slip", "word"),
    [
        ("agnet", "agent"),
        ("agnt", "agent"),
        ("aagent", "agent"),
        ("agemt", "agent"),
        ("hunam", "human"),
        ("tarnsfer", "transfer"),
        ("somneone", "someone"),
        ("plz", "please"),
    ],
)
def test_a_slip_is_corrected(slip: str, word: str) -> None:
    assert SPELLING.correct(f"an {slip} now") == f"an {word} now"


@pytest.mark.parametrize("word", ["agenda", "agents", "urgent", "gent", "humanity", "some"])
def test_another_word_is_left_alone(word: str) -> None:
    assert SPELLING.correct(word) == word


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("ＨＥＬＰ！", "help!"),
        ("I’m heeeere", "i'm here"),
        ("轉 人 工", "转人工"),
        ("转！人！工！", "转人工!"),
        ("请 转人工", "请转人工"),
        ("not 好 ok", "not 好 ok"),
    ],
)
def test_writing_is_evened_out(written: str, plain: str) -> None:
    assert normalise(written) == plain


def test_quotations_are_taken_out_unless_nothing_else_is_said() -> None:
    assert without_quotes('rename the "Support" tab') == f"rename the {ERASED} tab"
    assert without_quotes("“转人工”") == "“转人工”"
