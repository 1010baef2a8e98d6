from pathlib import Path

import pytest

from bot.adapters.prompt_files import PromptFiles
from bot.domain.conversation import Locale
from bot.domain.errors import ConfigurationError

EN = 'hello = "Hello $who"\nbye = ["Bye", "So long", "See you"]\nprice = "$$5"\n'
ZH = 'hello = "你好，$who"\nbye = "再见"\nprice = "5 美元"\n'


def write(folder: Path, **files: str) -> Path:
    for name, content in files.items():
        act, _, locale = name.partition("_")
        (folder / f"{act}.{locale}.toml").write_text(content, "utf-8")
    return folder


def failure(folder: Path) -> str:
    with pytest.raises(ConfigurationError) as error:
        PromptFiles(folder)
    return str(error.value)


def test_names_are_filled_in_per_locale(tmp_path: Path) -> None:
    prompts = PromptFiles(write(tmp_path, talk_en=EN, talk_zh=ZH))
    assert prompts.text("talk", Locale.EN, "hello", who="Ann") == "Hello Ann"
    assert prompts.text("talk", Locale.ZH, "hello", who="小安") == "你好，小安"
    assert prompts.text("talk", Locale.EN, "price") == "$5"


def test_values_are_data(tmp_path: Path) -> None:
    prompts = PromptFiles(write(tmp_path, talk_en=EN, talk_zh=ZH))
    assert prompts.text("talk", Locale.EN, "hello", who="$who $$") == "Hello $who $$"


def test_the_seed_chooses_the_variant(tmp_path: Path) -> None:
    prompts = PromptFiles(write(tmp_path, talk_en=EN, talk_zh=ZH))
    chosen = {prompts.text("talk", Locale.EN, "bye", seed=str(i)) for i in range(30)}
    assert chosen == {"Bye", "So long", "See you"}
    again = {prompts.text("talk", Locale.EN, "bye", seed="7") for _ in range(5)}
    assert len(again) == 1


def test_the_digest_follows_the_content(tmp_path: Path) -> None:
    write(tmp_path, talk_en=EN, talk_zh=ZH)
    before = PromptFiles(tmp_path).digest
    assert PromptFiles(tmp_path).digest == before
    write(tmp_path, talk_en=EN.replace("Hello", "Hi"))
    assert PromptFiles(tmp_path).digest != before


def test_a_missing_locale_is_named(tmp_path: Path) -> None:
    assert "talk.zh.toml: missing" in failure(write(tmp_path, talk_en=EN))


def test_a_missing_entry_is_named(tmp_path: Path) -> None:
    message = failure(write(tmp_path, talk_en=EN + 'more = "More"', talk_zh=ZH))
    assert "talk.zh.toml: more: missing" in message


def test_different_placeholders_are_named(tmp_path: Path) -> None:
    message = failure(write(tmp_path, talk_en=EN, talk_zh=ZH.replace("$who", "$person")))
    assert "hello: $person, $who" in message


def test_variants_have_the_same_placeholders(tmp_path: Path) -> None:
    both = 'a = ["$x", "y"]'
    assert "a: $x" in failure(write(tmp_path, talk_en=both, talk_zh=both))


@pytest.mark.parametrize(
    "content",
    [
        "a = 1",
        "a = []",
        'a = ""',
        'a = ["x", 2]',
        "a = 'costs 5$'",
        "a = '$name'",
        "[a]\nb = 'c'",
        "a =",
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, content: str) -> None:
    assert "talk.en.toml: " in failure(write(tmp_path, talk_en=content, talk_zh=content))


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    write(tmp_path, talk_en=EN, talk_zh=ZH)
    (tmp_path / "talk.zh.toml").write_bytes('hello = "你好"'.encode("gbk"))
    assert "talk.zh.toml" in failure(tmp_path)


@pytest.mark.parametrize("name", ["talk.toml", "talk.fr.toml", ".en.toml"])
def test_a_file_name_without_act_and_locale_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(EN, "utf-8")
    assert name in failure(tmp_path)


def test_an_empty_or_absent_folder_is_refused(tmp_path: Path) -> None:
    assert "no prompt files" in failure(tmp_path)
    assert "no prompt files" in failure(tmp_path / "absent")


def test_an_unknown_entry_or_a_missing_value_is_named(tmp_path: Path) -> None:
    prompts = PromptFiles(write(tmp_path, talk_en=EN, talk_zh=ZH))
    with pytest.raises(ConfigurationError, match=r"talk\.en\.toml: hullo: no such entry"):
        prompts.text("talk", Locale.EN, "hullo")
    with pytest.raises(ConfigurationError, match=r"hello: no value for \$who"):
        prompts.text("talk", Locale.EN, "hello")
