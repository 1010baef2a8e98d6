import pytest

from ingest.image_marks import addresses_in, images_in, without_images, write_image
from ingest.inline import render_inline
from ingest.markdown import tokenize_inline


@pytest.mark.parametrize(
    ("words", "address", "mark"),
    [
        ("A plan", "images/plan.png", "![A plan](images/plan.png)"),
        ("", "a b(1).png", "![](a%20b%281%29.png)"),
        ("a [b] `c` | d\n<e>", "图.png", "![a b c d e](%E5%9B%BE.png)"),
        ("a", "already%20encoded.png?x=1#y", "![a](already%20encoded.png?x=1#y)"),
        ("a", "{require('./x.png')}", "![a]()"),
        ("a", "x" * 3000, "![a]()"),
        ("", "", ""),
        ("w" * 400, "x", f"![{'w' * 300}](x)"),
    ],
)
def test_a_mark_has_one_form(words: str, address: str, mark: str) -> None:
    assert write_image(words, address) == mark
    assert images_in(mark) == ([mark] if mark else [])
    assert render_inline(tokenize_inline(mark)).markdown == mark


@pytest.mark.parametrize(
    ("markdown", "left"),
    [
        ("no image", "no image"),
        ("a ![x](y) c", "a c"),
        ("a![x](y).", "a."),
        ("![x](y) c", "c"),
        ("**![x](y) b**", "**b**"),
        ("**b ![x](y)**", "**b**"),
        ("a\n\n![x](y)\n\nb", "a\n\nb"),
        ("![x](y)\n\nb", "b"),
        ("b\n\n![x](y)", "b"),
        ("![x](y) ![z]()", ""),
        ("> a\n>\n> ![x](y)\n>\n> b", "> a\n>\n> b"),
        ("1. a\n\n   ![x](y)\n2. b", "1. a\n2. b"),
        ("1. a\n2. ![x](y)\n3. b", "1. a\n3. b"),
        ("- a\n- ![x](y)", "- a"),
        ("| a | ![x](y) |\n| --- | --- |\n| b | c |", "| a | |\n| --- | --- |\n| b | c |"),
        ("`![x](y)` ![z](w)", "`![x](y)`"),
        ("```\n![x](y)\n```\n\n![z](w)", "```\n![x](y)\n```"),
        (r"\![x](y)", r"\![x](y)"),
    ],
)
def test_images_leave_nothing_behind(markdown: str, left: str) -> None:
    assert without_images(markdown).strip() == left


def test_addresses_are_those_of_images() -> None:
    assert addresses_in("![a](b.png) [c](d) `![e](f)` ![g]()") == ["b.png", ""]
