"""Hostile files: each is either read or reported, and its good neighbour is always read."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.article import Chunk, Problem
from ingest.chunking import TOKEN_BUDGET, chunk, count_tokens
from ingest.documents import discover
from ingest.image_marks import without_images
from ingest.parsing import parse

GOOD = "# Neighbour\n\nThe good neighbour is found.\n"


def ingest(root: Path) -> tuple[list[Chunk], list[Problem]]:
    chunks: list[Chunk] = []
    problems: list[Problem] = []
    for item in discover(root):
        if isinstance(item, Problem):
            problems.append(item)
            continue
        article, found = parse(item)
        problems.extend(found)
        if article is not None:
            chunks.extend(chunk(article))
    return chunks, problems


def ingest_beside_good(root: Path, content: str | bytes) -> tuple[list[Chunk], list[Problem]]:
    (root / "bad.md").write_bytes(content if isinstance(content, bytes) else content.encode())
    (root / "good.md").write_text(GOOD)
    chunks, problems = ingest(root)
    neighbour = [c for c in chunks if c.path == "good.md"]
    assert [c.plain for c in neighbour] == ["The good neighbour is found."]
    assert all(problem.path == "bad.md" for problem in problems)
    assert all(count_tokens(c.plain) <= 2 * TOKEN_BUDGET for c in chunks)
    return [c for c in chunks if c.path == "bad.md"], problems


def table(columns: int, rows: int) -> str:
    return "\n".join(
        ["|" + "name|" * columns, "|" + "-|" * columns, *["|" + "b|" * columns] * rows]
    )


REFUSED: dict[str, tuple[str | bytes, str]] = {
    "utf-16": ("标题 text".encode("utf-16"), "UTF-16"),
    "gbk": ("标题，正文".encode("gbk"), "GBK"),
    "mixed encodings": ("标题\n".encode() + "正文".encode("gbk"), "not UTF-8"),
    "binary": (b"\x89PNG\r\n\x1a\n\0\0\0", "binary"),
    "empty": ("", "empty"),
    "only white space": (" \n\t\n\u3000", "empty"),
    "only front matter": ("---\ntitle: a\n---\n", "without an article"),
    "too large": (b"a" * (10 * 1024 * 1024 + 1), "10.0 MB"),
    "80,000 open links": ("[a](" * 80_000, "brackets"),
    "open images": ("![[" * 30_000, "brackets"),
    "open references": ("[a][b" * 20_000, "brackets"),
    "open footnotes": ("[^a]" * 20_000, "brackets"),
    "CDATA": ("x " + "<![CDATA[ " * 20_000, "brackets"),
    "nested emphasis": ("**a " * 20_000 + "b** " * 20_000, "emphasis"),
    "20,000 quotes": (">" * 20_000 + " x", "nested"),
    "quotes and lists": ("> - " * 5_000, "nested"),
    "3,000 nested lists": ("\n".join("  " * depth + "- x" for depth in range(1_000)), "nested"),
    "nested directives": (":::note\n" * 3_000, "nested"),
    "4 MB nested list": (
        "\n".join("  " * (n % 9) + f"- item {n}" for n in range(200_000)),
        "lines",
    ),
    "bars": ("|" * 500_000, "marks"),
}
READ: dict[str, str | bytes] = {
    "byte order mark": b"\xef\xbb\xbf# Title\n\ntext",
    "carriage returns": b"# Title\r\rtext\r\nmore",
    "a line of Chinese without spaces": "啊" * 200_000,
    "a line of letters without spaces": "a" * 1_000_000,
    "3,000 columns": table(3_000, 2),
    "a long table": table(3, 3_000),
    "code without lines": "```\n" + "x" * 500_000 + "\n```",
    "code never closed": "```\n" + "x y\n" * 5_000,
    "a picture as text": "text ![a](data:image/png;base64," + "A" * 2_000_000 + ")",
    "escapes": "\\\\" * 20_000,
    "entities": "&lt;" * 10_000,
    "ampersands": "&" * 50_000,
    "backticks": "".join("`" * n + " " for n in range(1, 300)),
    "tags never closed": "<div " * 5_000,
    "nested tags": "<span>" * 10_000 + "text",
    "nested lists of HTML": "<ul><li>a" * 5_000,
    "spanning cells": "<table>" + "<tr><td colspan=999 rowspan=999>a</td><td>b</td></tr>" * 100,
    "comments never closed": "x " + "<!-- " * 5_000,
    "script": "<script>\n" * 5_000 + "x",
    "components never closed": "<Tabs x={\n" * 5_000,
    "mustaches": "{{" * 20_000 + " x",
    "template tags": "{{< " * 3_000 + "{% " * 3_000 + "x",
    "MDX comments": "{/* " * 3_000 + "x",
    "headings": "# a\n" * 5_000,
    "references": "".join(f"[a{n}]: /u\n" for n in range(5_000)) + "x",
    "sentences": "a. " * 50_000,
    "white space": " " * 1_000_000 + "x",
    "emoji": "😀" * 100_000,
    "combining marks": "e\u0301" * 50_000,
    "invisible characters": "a\u200b\u202e\U000e0041\x1b[31mb",
    "YAML bomb": "---\na: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n---\ntext",
    "YAML tags": "---\na: !!python/object/apply:os.system [ls]\n---\ntext",
    "YAML nesting": "---\na: " + "[" * 30_000 + "\n---\ntext",
    "YAML date": "---\nreviewed: 2026-99-99\n---\ntext",
    "front matter never closed": "---\ntitle: a\n\ntext",
    "endless front matter": "---\n" + "a: b\n" * 20_000 + "---\ntext",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_used_is_reported(tmp_path: Path, name: str) -> None:
    content, reason = REFUSED[name]
    chunks, problems = ingest_beside_good(tmp_path, content)
    assert chunks == []
    assert [reason in problem.reason for problem in problems] == [True]


@pytest.mark.parametrize("name", READ)
def test_what_is_only_strange_is_read(tmp_path: Path, name: str) -> None:
    chunks, _ = ingest_beside_good(tmp_path, READ[name])
    assert chunks
    assert all(c.plain.strip() for c in chunks)


def test_no_byte_of_a_long_line_is_lost(tmp_path: Path) -> None:
    chunks, _ = ingest_beside_good(tmp_path, "啊" * 100_000)
    assert sum(c.plain.count("啊") for c in chunks) == 100_000


def test_invisible_characters_cannot_hide_orders(tmp_path: Path) -> None:
    hidden = "".join(chr(0xE0000 + ord(char)) for char in "obey")
    (only,), _ = ingest_beside_good(tmp_path, f"vis{hidden}ible\u202e")
    assert (only.markdown, only.plain) == ("visible", "visible")


@pytest.mark.parametrize(
    "markup",
    [
        "<img src=x onerror=alert(1)>",
        "<iframe src='https://evil.example'></iframe>",
        "<script>alert(1)</script>",
        "<svg onload=alert(1)>",
        "<a href='javascript:alert(1)'>text</a>",
        "[text](javascript:alert(1))",
        "[text](//evil.example)",
        "![text](https://evil.example/?q=1)",
        "![text][ref]",
        "<style>@import 'https://evil.example'</style>",
        "<math><mtext></mtext></math>",
    ],
)
def test_nothing_active_reaches_a_chunk(tmp_path: Path, markup: str) -> None:
    reference = "[ref]: https://evil.example"
    content = f"before {markup} after\n\n{markup}\n\n- {markup}\n\n{reference}\n"
    chunks, _ = ingest_beside_good(tmp_path, content)
    shown = "\n".join(without_images(c.markdown) for c in chunks)
    assert "before" in shown
    assert not any(word in shown for word in ("<", "alert", "evil", "import", "]("))


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_link_to_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def make_link_upwards(path: Path) -> None:
    outside = path.parent.parent / "secret.md"
    outside.write_text("secret")
    path.symlink_to("../secret.md")


def make_huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2 * 1024**3)


@pytest.mark.parametrize("make", [make_pipe, make_link_to_device, make_link_upwards, make_huge])
def test_what_is_no_article_is_reported(tmp_path: Path, make: Callable[[Path], None]) -> None:
    root = tmp_path / "root"
    root.mkdir()
    make(root / "bad.md")
    (root / "good.md").write_text(GOOD)
    chunks, problems = ingest(root)
    assert {c.path for c in chunks} == {"good.md"}
    assert [problem.path for problem in problems] == ["bad.md"]
