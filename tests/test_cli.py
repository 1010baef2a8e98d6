"""The commands as a shell calls them, over the bundled models and a small knowledge base."""

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any
from urllib.request import urlopen

import pytest

from tests.command_line import firstline, firstline_alone
from tests.ingest.knowledge import write_articles
from tests.test_server import Server

pytestmark = pytest.mark.models


def done(home: Path, *arguments: object) -> Any:
    """The JSON document of a command that succeeds."""
    return printed(firstline(home, *arguments, "--json"))


def printed(run: CompletedProcess[str]) -> Any:
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose index is published."""
    folder = tmp_path_factory.mktemp("home")
    kb = write_articles(folder / "kb")
    report = printed(firstline_alone(folder, "ingest", kb, "--json"))
    assert report["errors"] == []
    assert report["articles"] == 4
    return folder


def test_search_prints_the_object_of_the_contract(home: Path) -> None:
    search = ("search", "how many columns on a board", "--json", "-k", "2")
    found = printed(firstline_alone(home, *search))
    assert set(found) == {"query", "standalone_query", "results", "answerable", "latency_ms"}
    assert len(found["results"]) == 2
    first = found["results"][0]
    assert (first["path"], first["anchor"], first["locale"]) == ("en/boards.md", "limits", "en")
    assert set(first) == {
        "path", "anchor", "title", "heading_path", "locale", "score", "excerpt",
    }  # fmt: skip


def test_internal_articles_need_the_audience(home: Path) -> None:
    public = done(home, "search", "goodwill refunds")
    assert "en/refunds.md" not in [result["path"] for result in public["results"]]
    internal = done(home, "search", "goodwill refunds", "--audience", "internal")
    assert internal["results"][0]["path"] == "en/refunds.md"


def test_ask_prints_a_reply_object_and_stores_nothing(home: Path) -> None:
    reply = done(home, "ask", "How many columns can a board have?")
    assert reply["decision"] == "answer"
    assert "24 columns" in reply["text"]
    assert (reply["message"], reply["conversation"]) == (None, None)
    assert not list(home.glob("*.db"))


def test_ask_answers_in_the_language_of_the_question(home: Path) -> None:
    reply = done(home, "ask", "怎么在看板上添加列？")
    assert reply["locale"] == "zh"
    assert reply["citations"][0]["path"] == "zh/boards.md"


@pytest.mark.parametrize(
    "command",
    [["search", "boards"], ["ask", "boards"], ["respond", "--input", "x", "--output", "y"]],
)
def test_without_an_index_it_says_what_to_run(tmp_path: Path, command: list[str]) -> None:
    run = firstline(tmp_path, *command, "--index", tmp_path / "none")
    assert run.returncode == 1
    assert run.stdout == ""
    message = f"no index at {tmp_path / 'none'}; run: firstline ingest KB_DIR"
    assert run.stderr == f"firstline: {message}\n"


@pytest.mark.parametrize(
    "command",
    [
        ["search", "x", "--input", "i", "--output", "o"],
        ["ask"],
        ["search"],
        ["search", "x", "--audience", "all"],
        ["nonsense"],
        ["respond"],
    ],
)
def test_wrong_usage_is_status_two(tmp_path: Path, command: list[str]) -> None:
    assert firstline(tmp_path, *command).returncode == 2


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    config = tmp_path / "firstline.toml"
    config.write_text("[web]\nport = 'many'\n")
    run = firstline(tmp_path, "ask", "x", "--config", config)
    assert run.returncode == 1
    assert "web.port" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    run = firstline(tmp_path, "ingest", tmp_path / "nowhere")
    assert run.returncode == 1
    assert "nowhere" in run.stderr
    assert "Traceback" not in run.stderr


def read(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_search_in_a_batch_keeps_order_and_survives_bad_lines(home: Path, tmp_path: Path) -> None:
    history = [
        {"role": "user", "text": "How do I add a column to a board?"},
        {"role": "assistant", "text": "Choose Add column."},
    ]
    lines = [
        json.dumps({"id": "a", "query": "forgotten password"}),
        "not json",
        json.dumps({"id": "c"}),
        json.dumps({"id": "d", "query": "and how many at most?", "history": history}),
    ]
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("\n".join(lines))
    run = firstline(home, "search", "--input", source, "--output", target, "-k", "3")
    assert run.returncode == 1
    rows = read(target)
    assert [row["id"] for row in rows] == ["a", None, "c", "d"]
    assert "error" in rows[1]
    assert "error" in rows[2]
    assert rows[0]["results"][0]["path"] == "en/login.md"
    assert "column" in rows[3]["standalone_query"]
    assert rows[3]["results"][0]["path"] == "en/boards.md"


DIALOGUE = {
    "id": "d1",
    "turns": [
        {"role": "user", "text": "How many columns can a board have?"},
        {"role": "bot", "text": "No idea.", "outcome": "abstained"},
        {"role": "user", "text": "let me talk to a person"},
        {"role": "bot", "text": "Sure.", "outcome": "handed_off"},
        {"role": "user", "text": "谢谢"},
    ],
}


@pytest.mark.parametrize("replay", [False, True])
def test_respond_answers_every_user_turn(home: Path, tmp_path: Path, replay: bool) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(json.dumps(DIALOGUE) + "\n")
    flags = ["--replay"] if replay else []
    run = firstline(home, "respond", "--input", source, "--output", target, *flags)
    assert run.returncode == 0, run.stderr
    (row,) = read(target)
    # Live, a person has the conversation by the last turn; in a replay each is decided anew.
    last = "smalltalk" if replay else "silent"
    assert [turn["decision"] for turn in row["turns"]] == ["answer", "handoff", last]
    assert [turn["wants_human"] for turn in row["turns"]] == [False, True, False]


def test_index_lists_verifies_and_rolls_back(tmp_path: Path) -> None:
    kb = write_articles(tmp_path / "kb")
    first = done(tmp_path, "ingest", kb)["snapshot"]
    write_articles(kb, {"en/extra.md": "# Extra\n\nText about zeppelins.\n"})
    report = done(tmp_path, "ingest", kb)
    assert report["reused"] > report["embedded"] == 1
    listed = done(tmp_path, "index", "list")
    assert [row["snapshot"] for row in listed] == [first, report["snapshot"]]
    assert done(tmp_path, "index", "verify")["snapshot"] == report["snapshot"]
    assert done(tmp_path, "index", "rollback")["snapshot"] == first
    damaged = tmp_path / "index" / "snapshots" / first / "chunks.jsonl"
    damaged.write_bytes(damaged.read_bytes()[:-2])
    run = firstline(tmp_path, "index", "verify")
    assert run.returncode == 1
    assert "damaged" in run.stderr


def test_chat_answers_line_by_line(home: Path) -> None:
    run = firstline(home, "chat", stdin="How many columns can a board have?\n\nthanks\n")
    assert run.returncode == 0, run.stderr
    assert "24 columns" in run.stdout
    assert "[1] Boards (en/boards.md#limits)" in run.stdout


def test_db_upgrade_makes_the_database(tmp_path: Path) -> None:
    for _ in range(2):
        assert firstline(tmp_path, "db", "upgrade").returncode == 0
    assert list(tmp_path.glob("*.db"))


@pytest.fixture(params=[1, 2])
def server(home: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a running server that is ready; with one worker and with two."""
    server = Server(home, request.param)
    try:
        while server.process.poll() is None:
            try:
                with urlopen(f"{server.address}/readyz") as answer:  # noqa: S310
                    if answer.status == 200:
                        break
            except OSError:
                time.sleep(0.1)
        assert server.process.poll() is None, "the server ended"
        yield server.address
    finally:
        server.process.terminate()
        server.wait()


def test_serve_is_ready_and_shows_the_demo(server: str) -> None:
    with urlopen(f"{server}/demo") as answer:  # noqa: S310
        assert "<!doctype html>" in answer.read(200).decode().lower()


def test_a_taken_port_is_reported(home: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        run = firstline(home, "serve", "--port", listener.getsockname()[1])
    assert run.returncode == 1
    assert "is taken" in run.stderr
