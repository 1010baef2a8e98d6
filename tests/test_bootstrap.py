import pytest

from bot.bootstrap import build
from bot.settings import Settings
from tests.fakes import FakePrompts, FakeRetriever, FakeStore


def test_a_part_is_replaced_by_its_name() -> None:
    store, retriever, prompts = FakeStore(), FakeRetriever(), FakePrompts()
    bot = build(Settings(), store=store, retriever=retriever, prompts=prompts)
    assert (bot.store, bot.retriever, bot.prompts) == (store, retriever, prompts)


def test_a_misspelt_part_is_named() -> None:
    with pytest.raises(TypeError, match=r"cannot replace promts, stor$"):
        build(Settings(), retriever=FakeRetriever(), stor=FakeStore(), promts=FakePrompts())
