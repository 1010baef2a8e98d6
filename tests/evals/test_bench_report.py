from io import StringIO

import pytest
from rich.console import Console

from evals.bench.figures import Results, Section
from evals.bench.report import print_results, shown

SETUP = {"python": "3.12.1", "system": "Linux x86_64", "cores": 2}


def _printed(results: Results) -> str:
    text = StringIO()
    print_results(results, Console(file=text, width=160))
    return text.getvalue()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (12_345, "12,345"),
        (1234.56, "1,235"),
        (56.78, "56.8"),
        (5.678, "5.68"),
        (0.5678, "0.568"),
        (0.012, "0.012"),
    ],
)
def test_numbers_show_the_digits_that_matter(value: float, text: str) -> None:
    assert shown(value) == text


def test_each_section_has_a_table_in_the_order_of_the_run() -> None:
    search, memory = Section("Search"), Section("Memory")
    figures = [
        search.measured("english", [float(n) for n in range(41)], "ms", spaces=["multilingual"]),
        memory.counted("resident", 210, "MiB", note="most 230"),
    ]

    printed = _printed(Results(SETUP, figures))

    assert printed.index("Search") < printed.index("english") < printed.index("Memory")
    row = next(line for line in printed.splitlines() if "english" in line)
    assert [word for word in row.split() if word.isalnum()] == [
        "english",
        "41",
        "20",
        "38",
        "ms",
        "multilingual",
    ]
    assert "most 230" in printed


def test_what_was_left_out_is_said() -> None:
    printed = _printed(Results(SETUP, [], ["run: pip install -e '.[bench]'"]))

    assert "run: pip install -e '.[bench]'" in printed
