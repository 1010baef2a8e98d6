import pytest

from ingest.inline import render_inline
from ingest.markdown import (
    MAX_LINES,
    MAX_MARKS,
    MAX_NESTING,
    MarkdownTooComplex,
    tokenize,
    tokenize_inline,
)


def types(text: str, mdx: bool = False) -> list[str]:
    return [token.type for token in tokenize(text, mdx)]


def test_the_dialect_knows_tables_directives_admonitions_and_footnotes() -> None:
    assert "table_open" in types("| a |\n|---|\n| b |")
    assert "container_directive_open" in types("::: tip\na\n:::")
    assert "admonition_open" in types("!!! note\n    a")
    assert "footnote_reference_open" in types("a[^1]\n\n[^1]: b")


def test_mdx_has_no_indented_code() -> None:
    assert types("    a") == ["code_block"]
    assert types("    a", mdx=True) == ["paragraph_open", "inline", "paragraph_close"]


@pytest.mark.parametrize("text", ["plain", "中文，没有标记。", "a.b (c) 'd' #1"])
def test_text_without_marks_is_one_token(text: str) -> None:
    (token,) = tokenize_inline(text)
    assert (token.type, token.content) == ("text", text)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("**注意：**请先保存", "注意：请先保存"),
        ("点击**“新建”**按钮", "点击“新建”按钮"),
        ("a **b** c", "a b c"),
        ("snake_case_name 用户_id_表", "snake_case_name 用户_id_表"),
        ("5*3*2 ** 2", "532  2"),
    ],
)
def test_emphasis_works_without_spaces_in_chinese(text: str, plain: str) -> None:
    assert "".join(render_inline(tokenize_inline(text)).plain.split()) == "".join(plain.split())


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a\n" * (MAX_LINES + 1), None, "lines"),
        ("*" * (MAX_MARKS + 1), None, "marks"),
        ("ok\n\n" + ">" * MAX_NESTING + " a", 3, "nested"),
        ("ok\n\n" + "[a](" * 10_000, 3, "brackets"),
        ("ok\n\n" + "**a " * 20_000, 3, "emphasis"),
    ],
)
def test_hostile_documents_are_refused_with_the_line(
    text: str, line: int | None, reason: str
) -> None:
    with pytest.raises(MarkdownTooComplex, match=reason) as error:
        tokenize(text)
    assert error.value.line == line


def test_what_people_write_is_within_the_limits() -> None:
    deep = "\n".join("  " * depth + "- item" for depth in range(20))
    links = "\n\n".join("See [a](b) and **c**. " * 100 for _ in range(50))
    assert tokenize(f"{deep}\n\n{links}")
