from dataclasses import replace

import pytest

from ingest.embedding import words
from ingest.embedding.bundled import E5, ENGLISH_TOKENIZER, ModelFile


def test_english_words_are_whole_words_with_the_commoner_ones_first() -> None:
    english = words.english_words()
    assert english["the"] < english["weather"]
    assert not {"subtsk", "##ing", "[CLS]", "42", "résumé"} & english.keys()


@pytest.mark.skipif(not E5.is_installed(), reason="its package is for Linux on x86-64 alone")
def test_chinese_words_are_likelier_together_than_by_characters() -> None:
    chinese = words.chinese_words()
    assert chinese["任务"] > chinese["任"] + chinese["务"]
    assert not {"任物", "task", "▁"} & chinese.keys()


def test_there_are_none_without_the_models(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = ModelFile("no-such-package", "vocabulary", "0" * 64)
    damaged = replace(ENGLISH_TOKENIZER, sha256="0" * 64)
    for model in (gone, damaged):
        monkeypatch.setattr(words, "ENGLISH_TOKENIZER", model)
        monkeypatch.setattr(words, "E5", model)
        assert words.english_words.__wrapped__() == {}
        assert words.chinese_words.__wrapped__() == {}
