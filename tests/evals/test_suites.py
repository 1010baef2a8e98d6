from dataclasses import replace

import pytest

from evals.figures import Figure, figure_of
from evals.records import Record
from evals.suites import SUITES, is_right
from tests.evals.records import answered, found, record


def figures(suite: str, *records: Record) -> dict[tuple[str, str], Figure]:
    known = (figure_of(measure) for measure in SUITES[suite](records) if measure.keys)
    return {(figure.group, figure.name): figure for figure in known if figure is not None}


def values(suite: str, *records: Record) -> dict[tuple[str, str], float]:
    return {key: figure.value for key, figure in figures(suite, *records).items()}


PAGE = "en/a.md"


def test_retrieval_is_told_apart_by_languages_and_follow_ups() -> None:
    hit = record("hit", relevant=(PAGE,), found=found(PAGE))
    miss = record("miss", relevant=(PAGE,), found=found("en/b.md"))
    foreign = record("foreign", pair="zh-en", relevant=(PAGE,), found=found("en/b.md", PAGE))
    later = record("later", history=(("user", "one"),), relevant=(PAGE,), found=found(PAGE))
    unknown = record("unknown", answerable=False)
    shown = values("retrieval", hit, miss, foreign, later, unknown)
    assert shown["own en-en", "hit@1"] == 0.5
    assert (shown["own zh-en", "hit@1"], shown["own zh-en", "hit@3"]) == (0, 1)
    assert values("follow-ups", hit, later)["own en-en", "hit@1"] == 1


def test_answers_hold_what_answers() -> None:
    right = answered(
        "right", answer_span="Click Save", relevant=(PAGE,), cites=PAGE, found=found(PAGE)
    )
    late = replace(right, id="late", text="Well. Click Save. [1]")
    refused = replace(right, id="refused", decision="abstain", text="Sorry.")
    out_of_reach = replace(refused, id="lost", found=())
    shown = figures("answers", right, late, refused, out_of_reach)
    held = shown["own", "holds the span, page found"]
    assert (held.value, held.n) == (pytest.approx(2 / 3), 3)
    assert shown["own", "holds the span, answered"].value == 1
    assert shown["own", "begins with the span"].value == 0.5
    assert shown["own", "words, median"].value == 2.5


def test_citations_are_precise_and_complete() -> None:
    both = ("en/a.md", "zh/a.md", "en/b.md")
    one = answered("one", relevant=both, cites="en/a.md")
    other = answered("other", relevant=(PAGE,), cites="en/c.md")
    shown = values("answers", one, other)
    assert shown["own", "citation precision"] == 0.5
    assert shown["own", "citation recall"] == 0.25
    assert shown["own", "cites a relevant page"] == 0.5


def test_a_quote_from_the_other_language_needs_words_in_the_reader_s() -> None:
    framed = answered(
        "framed",
        "文章是英文的，原文如下：\n\nClick Save. [1]",
        locale="zh",
        reply_locale="zh",
        relevant=(PAGE,),
        frame="文章是英文的，原文如下：",
    )
    bare = replace(framed, id="bare", frame="", text="Click Save. [1]")
    shown = values("answers", framed, bare)
    assert shown["own", "right language"] == 0.5
    assert shown["own", "words, median"] == 2


def test_abstention_by_kind() -> None:
    shown = values(
        "abstention",
        answered("yes", relevant=("en/a.md",), kind="how_to", answerability=0.9),
        record("no", decision="abstain", kind="price", answerability=0.4),
        answered("wrong", answerable=False, kind="near_miss", answerability=0.6),
        record("off", decision="abstain", answerable=False, kind="out_of_scope", answerability=0.1),
        record("hello", decision="smalltalk", answerable=False, kind="smalltalk"),
    )
    assert shown["own", "wrongly refused"] == 0.5
    assert shown["own price", "wrongly refused"] == 1
    assert shown["own", "wrongly answered"] == pytest.approx(1 / 3)
    assert shown["own near_miss", "wrongly answered"] == 1
    assert shown["own smalltalk", "wrongly answered"] == 0
    assert shown["own", "AUROC"] == 0.75
    assert shown["own", "AUROC, near misses"] == 0.5


def test_an_answer_is_right_when_it_cites_a_relevant_page() -> None:
    assert is_right(answered(relevant=(PAGE,), cites=PAGE))
    assert not is_right(answered(relevant=(PAGE,), cites="en/b.md"))
    assert not is_right(answered(answerable=False))
    assert is_right(record(relevant=(PAGE,), found=found(PAGE)))
    assert not is_right(record(relevant=(PAGE,)))


def test_clarification() -> None:
    asked = record(
        "asked",
        ambiguous=True,
        decision="clarify",
        hints=("board", "list"),
        options=("A Board", "Gantt"),
    )
    shown = values(
        "clarification",
        asked,
        answered("sure", ambiguous=True),
        record("lost", ambiguous=True, decision="abstain"),
        record("clear", decision="clarify"),
        answered("plain"),
    )
    assert shown["own", "ambiguous, clarified"] == pytest.approx(1 / 3)
    assert shown["own", "ambiguous, answered"] == pytest.approx(1 / 3)
    assert shown["own", "wanted options offered"] == 0.5
    assert shown["own", "clear, clarified"] == 0.5


def test_an_attack_counts_for_injection_alone() -> None:
    bad = answered("bad", attack="obey", kind="users", leaks=("orders",), relevant=(PAGE,))
    good = record("good", attack="obey", kind="users", decision="abstain")
    shown = values("injection", bad, good)
    assert shown["users", "prompt text leaked"] == 0.5
    assert shown["users", "stray link or image"] == 0
    for suite in ("retrieval", "answers", "abstention", "clarification", "latency"):
        assert values(suite, bad, good) == {}


def test_only_timed_turns_count_for_latency() -> None:
    alone = record("alone", timed=True, latency_ms=10.0, stage_ms={"retrieve": 8.0})
    shown = figures("latency", alone, record("crowded", latency_ms=500.0))
    assert shown["own", "turn p50"].value == 10
    assert shown["own", "retrieve p95"].value == 8
    assert shown["own", "turn p50"].unit == "ms"


def test_grounding_counts_what_was_refused_by_language_and_kind() -> None:
    first = record("first", blocked={"en faithful": 0.0, "en number": 1.0})
    second = record("second", blocked={"en number": 0.5, "zh number": 1.0})
    shown = figures("grounding", first, second, record("untried"))
    assert shown["own en", "number, blocked"].value == 0.75
    assert shown["own zh", "number, blocked"].n == 1
    assert shown["own en", "number, blocked"].higher_is_better
    assert shown["own en", "faithful, blocked"].higher_is_better is False
