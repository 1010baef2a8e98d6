import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.dialects import strip_dialects


@pytest.mark.parametrize(
    ("source", "clean"),
    [
        ("import Tabs from '@theme/Tabs';\n\nText", "\n\nText"),
        ("import {\n  A,\n} from 'a'\n\nText", "\n\n\n\nText"),
        ("export const a = {\n  b: 1,\n}\n\nText", "\n\n\n\nText"),
        ("a {/* gone\ngone */} b", "a \n b"),
        ('<Card title="a > b" items={[{x: 1}]}>\nText\n</Card>', "\nText\n"),
        ("<Tabs\n  a={1}\n/>\nText", "\n\n\nText"),
        ('{{< hint type="info" >}}\nText\n{{< /hint >}}', "\nText\n"),
        ('[a]({{< relref "docker.md" >}})', "[a](docker.md)"),
        ("{% include x.html %}\nText {% raw %}b", "\nText b"),
        ('[a](b){:target="_blank"}', "[a](b)"),
        ("## A\n{: .no_toc}", "## A\n"),
        ("* TOC\n{:toc}\nText", "\n\nText"),
        ("[[toc]]\nText", "\nText"),
        ("[TOC]", ""),
        ("<<< @/snippets/a.js", ""),
        ("**a：****b**", "**a：b**"),
        ("  | a | b |\n      | --- | :-: |", "  | a | b |\n  | --- | :-: |"),
        ("a\u200bb\u202ec\x1b[0m\U000e0041", "abc[0m"),
        ("![a](data:image/png;base64," + "A" * 500 + ")", "![a](data:,)"),
    ],
)
def test_leftovers_go_and_the_lines_stay(source: str, clean: str) -> None:
    assert strip_dialects(source) == clean
    assert clean.count("\n") == source.count("\n")


@pytest.mark.parametrize(
    "source",
    [
        "```js\nimport a from 'b'\n\nexport const c = 1\n<Tabs>\n{% x %}\n```",
        "~~~\n{{< hint >}}\n```\n{:toc}\n~~~",
        "Use `{% raw %}` and ``{/* a ` b */}`` here.",
        "import your tasks from a file",
        "export the list first",
        "<Your Name>\nand <PASSWORD>",
        "Family 👨\u200d👩\u200d👧 and é.",
        "Set {name} and ${variable} and {{user.name}}.",
        "Press ** or ***.",
        "```\nnever closed {% a %}",
    ],
)
def test_code_and_prose_are_left_alone(source: str) -> None:
    assert strip_dialects(source) == source


def test_blank_lines_do_not_break_a_table_of_html() -> None:
    source = "<table>\n\n<tr>\n  \n</tr>\n</table>\n\nText"
    assert strip_dialects(source) == "<table>\n<!-- -->\n<tr>\n<!-- -->\n</tr>\n</table>\n\nText"


@given(st.text(st.sampled_from("ab {}%<>/*:`~\n!=\"'TOC[]i")))
def test_no_line_is_ever_added_or_removed(source: str) -> None:
    assert strip_dialects(source).count("\n") == source.count("\n")
