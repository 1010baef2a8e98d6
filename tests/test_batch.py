import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.batch import Line, Work, respond_lines, run_batch, search_lines
from bot.bootstrap import Bot, build
from bot.domain.errors import ConfigurationError, ModelUnavailable
from bot.settings import Settings
from tests.fakes import FakeRetriever

PUBLIC = frozenset({"public"})


@pytest.fixture
def retriever() -> FakeRetriever:
    return FakeRetriever()


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def bot(retriever: FakeRetriever, store: MemoryStore) -> Bot:
    return build(Settings(), store=store, retriever=retriever)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "in.jsonl"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "out.jsonl"


async def echo(line: Line) -> Line:
    return line


def run(source: Path, target: Path, work: Work) -> tuple[int, int]:
    return asyncio.run(run_batch(source, target, work))


def read(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n")[:-1]]


def test_every_line_gives_a_line_in_order(source: Path, target: Path) -> None:
    source.write_text('\ufeff{"id": 1, "query": "a"}\n\n[]\n [1, oops]\n{"id": "四"}', "utf-8")
    assert run(source, target, echo) == (2, 2)
    assert read(target) == [
        {"id": 1, "query": "a"},
        {"id": None, "error": "line 3: not a JSON object"},
        {"id": None, "error": "line 4: not JSON: Expecting value at column 5"},
        {"id": "四"},
    ]


@pytest.mark.parametrize("raw", [r"\ud800 gantt", r"gantt \u0000", r"\udfff"])
def test_unstorable_text_is_cleaned(
    bot: Bot, store: MemoryStore, source: Path, target: Path, raw: str
) -> None:
    source.write_text(f'{{"id": 8, "query": "{raw}"}}\n{{"id": 9, "query": "b"}}')
    assert run(source, target, search_lines(bot, 3, PUBLIC)) == (2, 0)
    first, second = read(target)
    assert "\ufffd" in first["query"]
    assert second["id"] == 9
    source.write_text(f'{{"id": "{raw}", "turns": [{{"role": "user", "text": "{raw}"}}]}}')
    for replay in (False, True):
        assert run(source, target, respond_lines(bot, store, replay)) == (1, 0)
        (row,) = read(target)
        assert len(row["turns"]) == 1


NESTED = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("{}", "query is missing"),
        ('{"query": null}', "query is not a string"),
        ('{"query": "  "}', "query is empty"),
        ('{"query": "a", "locale": "fr"}', "unknown locale 'fr'; one of: zh, en"),
        ('{"query": "a", "locale": ["en"]}', "unknown locale ['en']; one of: zh, en"),
        ('{"query": "a", "history": "b"}', "history is not a list of objects"),
        ('{"query": "a", "history": ["b"]}', "history is not a list of objects"),
        ('{"query": "a", "history": [{"text": "b"}]}', "role is missing"),
        ('{"query": "a", "history": [{"role": "user"}]}', "text is missing"),
        ('{"query": NaN}', "NaN is not JSON"),
        (f'{{"query": {NESTED}}}', "nested too deeply"),
    ],
)
def test_a_question_that_cannot_be_read_says_why(
    bot: Bot, source: Path, target: Path, text: str, error: str
) -> None:
    source.write_text(text + "\n" + '{"id": 2, "query": "a"}')
    assert run(source, target, search_lines(bot, 3, PUBLIC)) == (1, 1)
    first, second = read(target)
    assert first == {"id": None, "error": f"line 1: {error}"}
    assert second["results"]


@pytest.mark.parametrize(
    ("turns", "error"),
    [
        (None, "turns is not a list of objects"),
        ({"role": "user"}, "turns is not a list of objects"),
        (["hello"], "turns is not a list of objects"),
        (
            [{"role": "boss", "text": "a"}],
            "unknown role 'boss'; one of: user, bot, assistant, agent",
        ),
        (
            [{"role": "bot", "text": "a", "outcome": "won"}, {"role": "user", "text": "b"}],
            "unknown outcome 'won'; one of: answered, clarified, abstained, handed_off",
        ),
    ],
)
@pytest.mark.parametrize("replay", [False, True])
def test_a_dialogue_that_cannot_be_read_says_why(
    bot: Bot,
    store: MemoryStore,
    source: Path,
    target: Path,
    turns: object,
    error: str,
    replay: bool,
) -> None:
    source.write_text(json.dumps({"id": 5, "turns": turns}))
    assert run(source, target, respond_lines(bot, store, replay)) == (0, 1)
    assert read(target) == [{"id": 5, "error": f"line 1: {error}"}]


@pytest.mark.parametrize("infinite", ["1e999", "[-1e999]"])
def test_what_json_cannot_say_is_an_error(source: Path, target: Path, infinite: str) -> None:
    source.write_text(f'{{"id": {infinite}}}\n{{"id": 2, "value": {infinite}}}\n')
    assert run(source, target, echo) == (0, 2)
    first, second = read(target)
    assert (first["id"], second["id"]) == (None, 2)
    assert "not JSON compliant" in second["error"]


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (ModelUnavailable("the model is away"), "the model is away"),
        (AttributeError("oops"), "the bot failed with AttributeError"),
    ],
)
def test_a_failure_costs_one_line(
    source: Path, target: Path, failure: Exception, reason: str
) -> None:
    async def work(line: Line) -> Line:
        if line["id"] == 1:
            raise failure
        return line

    source.write_text('{"id": 1}\n{"id": 2}\n')
    assert run(source, target, work) == (1, 1)
    assert read(target) == [{"id": 1, "error": f"line 1: {reason}"}, {"id": 2}]


@pytest.mark.parametrize("replay", [False, True])
def test_one_bot_answers_all_dialogues(
    bot: Bot,
    store: MemoryStore,
    retriever: FakeRetriever,
    source: Path,
    target: Path,
    replay: bool,
) -> None:
    turns = [
        {"role": "user", "text": "How do I create a team?"},
        {"role": "bot", "text": "Recorded.", "outcome": "answered"},
        {"role": "user", "text": "How do I delete a project?"},
    ]
    source.write_text("\n".join(json.dumps({"id": n, "turns": turns}) for n in (1, 2)))
    assert run(source, target, respond_lines(bot, store, replay)) == (2, 0)
    for row in read(target):
        assert len(row["turns"]) == 2
        assert {(turn["message"], turn["conversation"]) for turn in row["turns"]} == {(None, None)}
    asked = [query.text for query in retriever.queries]
    assert asked == ["How do I create a team?", "How do I delete a project?"] * 2


@pytest.mark.parametrize("replay", [False, True])
def test_history_is_of_its_own_dialogue(
    bot: Bot,
    store: MemoryStore,
    retriever: FakeRetriever,
    source: Path,
    target: Path,
    replay: bool,
) -> None:
    first = [
        {"role": "user", "text": "How do I create a team?"},
        {"role": "bot", "text": "Open Settings."},
        {"role": "user", "text": "and how do I delete it?"},
    ]
    second = [{"role": "user", "text": "and how do I delete it?"}]
    source.write_text("\n".join(json.dumps({"turns": turns}) for turns in (first, second)))
    run(source, target, respond_lines(bot, store, replay))
    _, follow_up, alone = (query.text for query in retriever.queries)
    assert "team" in follow_up
    assert "team" not in alone


def test_the_input_is_not_the_output(source: Path, target: Path) -> None:
    source.write_text('{"id": 1}\n')
    target.symlink_to(source)
    for same in (source, target, source.parent / "." / source.name):
        with pytest.raises(ConfigurationError, match="is the input"):
            run(source, same, echo)
    assert source.read_text() == '{"id": 1}\n'


def test_an_older_result_outlives_a_missing_input(source: Path, target: Path) -> None:
    target.write_text("older")
    with pytest.raises(ConfigurationError, match=r"cannot read .*in\.jsonl: No such file"):
        run(source, target, echo)
    assert target.read_text() == "older"


class Interrupted(BaseException):
    pass


def test_an_older_result_outlives_an_interruption(source: Path, target: Path) -> None:
    async def work(line: Line) -> Line:
        if line["id"] == 2:
            raise Interrupted
        return line

    source.write_text('{"id": 1}\n{"id": 2}\n')
    target.write_text("older")
    with pytest.raises(Interrupted):
        run(source, target, work)
    assert target.read_text() == "older"
    assert set(target.parent.iterdir()) == {source, target}


def test_a_link_goes_on_pointing_at_its_file(source: Path, target: Path) -> None:
    source.write_text('{"id": 1}\n')
    file = target.with_name("file.jsonl")
    target.symlink_to(file)
    run(source, target, echo)
    assert target.is_symlink()
    assert read(file) == [{"id": 1}]
    assert set(target.parent.iterdir()) == {source, target, file}


@pytest.mark.parametrize("name", ["nowhere/out.jsonl", "folder"])
def test_an_output_that_cannot_be_written_is_named(source: Path, name: str) -> None:
    source.write_text('{"id": 1}\n')
    (source.parent / "folder").mkdir()
    with pytest.raises(ConfigurationError, match=f"cannot write .*{name}: "):
        run(source, source.parent / name, echo)
    assert not list(source.parent.glob(".*"))


def test_a_device_is_written_to_and_not_replaced(source: Path, target: Path) -> None:
    source.write_text('{"id": 1}\n')
    os.mkfifo(target)
    reading = os.open(target, os.O_RDONLY | os.O_NONBLOCK)
    try:
        run(source, target, echo)
        assert json.loads(os.read(reading, 100)) == {"id": 1}
        assert target.is_fifo()
    finally:
        os.close(reading)
