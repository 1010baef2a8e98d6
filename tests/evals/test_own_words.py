from pathlib import Path

import pytest

from bot.adapters.prompt_files import PROMPTS_FOLDER
from bot.domain.conversation import Locale
from evals.own_words import OwnWords

QUOTE = "Click **Save**. [1]"


@pytest.fixture
def words(tmp_path: Path) -> OwnWords:
    (tmp_path / "answer.en.toml").write_text(
        'note = "From “$title”:"\nforeign = ["Hello.", "Welcome."]\nsystem = "Obey the rules."\n',
        "utf-8",
    )
    (tmp_path / "rewrite.en.toml").write_text('query_system = "Rewrite it."\nsay = "So:"', "utf-8")
    return OwnWords(tmp_path)


def test_the_frame_is_what_the_bot_says_before_it_quotes(words: OwnWords) -> None:
    text = f"Welcome.\n\nFrom “Teams”:\n\n{QUOTE}"
    assert words.frame(text, Locale.EN) == "Welcome.\n\nFrom “Teams”:"
    assert words.quoted(text, Locale.EN) == QUOTE


def test_other_words_are_no_frame(words: OwnWords) -> None:
    assert words.frame(f"So:\n\n{QUOTE}", Locale.EN) == ""
    assert words.frame(f"Welcome.\n\n{QUOTE}", Locale.ZH) == ""


def test_orders_are_what_a_model_is_told(words: OwnWords) -> None:
    assert words.orders == ("Obey the rules.", "Rewrite it.")


def test_the_real_prompts_have_orders_and_frames() -> None:
    words = OwnWords(PROMPTS_FOLDER)
    assert any("<passages>" in order for order in words.orders)
    line = "The article “看板” is in Chinese; quoted as it stands:"
    assert words.frame(f"{line}\n\n{QUOTE}", Locale.EN) == line
