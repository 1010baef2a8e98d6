"""The own eval cases: well-formed, spread over the articles, and not copied from them."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import pytest

from evals.cases import KNOWLEDGE_BASE, OWN_CASES, Case, read_rows
from evals.texts import holds, normalise
from ingest.article import Article
from ingest.documents import Document, discover
from ingest.parsing import parse

FILES = ("questions", "follow_ups", "unanswerable", "ambiguous")
LOCALES = ("en", "zh")
KINDS = {
    "questions": {
        *("how_to", "limit", "price", "error", "concept"),
        *("troubleshooting", "yes_no", "comparison"),
    },
    "follow_ups": {"follow_up", "correction", "topic_change", "picked_option"},
    "unanswerable": {"out_of_scope", "near_miss", "needs_account_data", "other_subject"},
    "ambiguous": {"ambiguous"},
}
REQUIRED = {"id", "locale", "query", "relevant", "answer_span", "answerable", "kind", "history"}
OPTIONAL = {"follow_ups": set(), "questions": set(), "unanswerable": {"absent"}}
OPTIONAL |= {"ambiguous": {"ambiguous", "options"}}
IDENTIFIER = re.compile(r"own-(en|zh)-((follow|unanswerable|ambiguous)-\d{2}|\d{3})")
HAN_RUN = re.compile(r"[\u3400-\u9fff]+")
WORD = re.compile(r"[a-z0-9']+")
COPIED_WORDS, COPIED_HAN = 5, 8
OTHER = {"en": "zh", "zh": "en"}

Row = Mapping[str, Any]


@cache
def rows(name: str) -> tuple[Row, ...]:
    return tuple(read_rows(OWN_CASES / f"{name}.jsonl"))


@cache
def every_row() -> tuple[Row, ...]:
    return tuple(row for name in FILES for row in rows(name))


@cache
def documents() -> Mapping[str, Document]:
    found = discover(KNOWLEDGE_BASE)
    return {one.path: one for one in found if isinstance(one, Document) and _is_article(one)}


def _is_article(document: Document) -> bool:
    return document.path.endswith(".md")


@cache
def public_articles() -> Mapping[str, Article]:
    articles = (parse(document).article for document in documents().values())
    return {a.path: a for a in articles if a is not None and a.audience == "public"}


def by_id(row: Row) -> str:
    return str(row["id"])


def spans(text: str) -> set[str]:
    """The runs of words and of Chinese characters that must not stand in two texts."""
    words = WORD.findall(text.casefold())
    found = {" ".join(run) for run in _windows(words, COPIED_WORDS)}
    for han in HAN_RUN.findall(text):
        found.update("".join(run) for run in _windows(han, COPIED_HAN))
    return found


def _windows(items: Any, length: int) -> Iterator[Any]:
    return (items[start : start + length] for start in range(len(items) - length + 1))


@cache
def prominent_spans() -> frozenset[str]:
    """Of every title, heading and listed question."""
    return frozenset(
        span
        for article in public_articles().values()
        for text in (article.title, *article.questions, *_headings(article))
        for span in spans(text)
    )


def _headings(article: Article) -> Iterator[str]:
    return (section.heading_path[-1] for section in article.sections if section.heading_path)


def copied(query: str) -> set[str]:
    return spans(query) & prominent_spans()


def history_faults(history: Iterable[Mapping[str, str]]) -> list[str]:
    turns = list(history)
    roles = [turn["role"] for turn in turns]
    faults = [] if all(turn["text"].strip() for turn in turns) else ["a turn says nothing"]
    if roles != ["user", "bot"] * (len(roles) // 2):
        faults.append("user and bot do not take turns")
    if not 1 <= len(roles) // 2 <= 3:
        faults.append("not one to three earlier turns")
    return faults


def test_ids_are_stable_names_and_stand_once() -> None:
    ids = [row["id"] for row in every_row()]
    assert [one for one, n in Counter(ids).items() if n > 1] == []
    assert [one for one in ids if not IDENTIFIER.fullmatch(one)] == []


@pytest.mark.parametrize("name", FILES)
def test_lines_have_the_fields_of_the_contract(name: str) -> None:
    for row in rows(name):
        assert set(row) >= REQUIRED, row["id"]
        assert set(row) - REQUIRED <= OPTIONAL[name], row["id"]
        assert row["kind"] in KINDS[name], row["id"]
        assert row["id"].split("-")[1] == row["locale"]
        assert row["query"] == row["query"].strip() != ""
        case = Case.from_json(row)
        assert (case.id, case.query, case.relevant) == (
            row["id"],
            row["query"],
            tuple(row["relevant"]),
        )


@pytest.mark.parametrize("locale", LOCALES)
def test_both_languages_have_as_many_cases_as_are_wanted(locale: str) -> None:
    counts = Counter((name, r["kind"]) for name in FILES for r in rows(name) if _in(r, locale))
    of_file = {name: sum(1 for r in rows(name) if _in(r, locale)) for name in FILES}
    assert of_file["questions"] >= 80
    assert of_file["follow_ups"] >= 20
    assert of_file["ambiguous"] == 10
    assert counts["follow_ups", "topic_change"] == 6
    assert counts["follow_ups", "picked_option"] == 3
    assert counts["unanswerable", "out_of_scope"] == 10
    assert counts["unanswerable", "other_subject"] == 4
    assert counts["unanswerable", "near_miss"] == 12
    assert counts["unanswerable", "needs_account_data"] == 32


def _in(row: Row, locale: str) -> bool:
    return bool(row["locale"] == locale)


@pytest.mark.parametrize("locale", LOCALES)
def test_questions_are_of_every_kind_and_about_every_article(locale: str) -> None:
    asked = [row for row in rows("questions") if _in(row, locale)]
    assert {row["kind"] for row in asked} == KINDS["questions"]
    first = Counter(row["relevant"][0] for row in asked)
    articles = [path for path, one in public_articles().items() if one.locale == locale]
    assert [path for path in articles if first[path] < 2] == []


@pytest.mark.parametrize("row", every_row(), ids=by_id)
def test_relevant_articles_are_public_and_stand_with_their_twins(row: Row) -> None:
    relevant = row["relevant"]
    assert len(set(relevant)) == len(relevant)
    assert [path for path in relevant if path not in public_articles()] == []
    half, rest = divmod(len(relevant), 2)
    assert rest == 0
    own, other = relevant[:half], relevant[half:]
    assert [path.split("/")[0] for path in own] == [row["locale"]] * half
    assert [path.replace(row["locale"], OTHER[row["locale"]], 1) for path in own] == other


@pytest.mark.parametrize("row", rows("questions") + rows("follow_ups"), ids=by_id)
def test_the_span_stands_in_a_relevant_article_of_the_language(row: Row) -> None:
    assert row["answerable"]
    own = [path for path in row["relevant"] if path.startswith(row["locale"])]
    assert any(holds(documents()[path].text, row["answer_span"]) for path in own)


@pytest.mark.parametrize("row", rows("unanswerable"), ids=by_id)
def test_what_no_article_answers_names_none(row: Row) -> None:
    assert (row["answerable"], row["relevant"], row["answer_span"]) == (False, [], "")
    assert ("absent" in row) == (row["kind"] == "near_miss")


@pytest.mark.parametrize("row", [r for r in rows("unanswerable") if "absent" in r], ids=by_id)
def test_no_article_mentions_the_subject_of_a_near_miss(row: Row) -> None:
    subject = re.compile(row["absent"], re.IGNORECASE)
    assert [path for path in public_articles() if subject.search(documents()[path].text)] == []


@pytest.mark.parametrize("row", rows("ambiguous"), ids=by_id)
def test_an_ambiguous_case_has_two_to_four_readings(row: Row) -> None:
    options = row["options"]
    assert row["ambiguous"]
    assert 2 <= len(options) <= 4
    assert all(0 < len(name) <= 30 for name in options)
    read = [path for paths in options.values() for path in paths]
    assert sorted(read) == sorted(row["relevant"])
    assert Case.from_json(row).options == tuple(options)


LATER = tuple(r for r in every_row() if r["kind"] in {*KINDS["follow_ups"], "other_subject"})


@pytest.mark.parametrize("row", LATER, ids=by_id)
def test_later_turns_have_well_formed_turns_before_them(row: Row) -> None:
    assert history_faults(row["history"]) == []


def test_other_cases_stand_alone() -> None:
    alone = [row for row in every_row() if row not in LATER]
    assert [row["id"] for row in alone if row["history"]] == []


@pytest.mark.parametrize(
    "roles", [(), ("user",), ("bot", "user"), ("user", "user"), ("user", "bot") * 4]
)
def test_a_malformed_history_is_found(roles: tuple[str, ...]) -> None:
    assert history_faults([{"role": role, "text": "hello"} for role in roles])


def test_a_turn_without_words_is_found() -> None:
    assert history_faults([{"role": "user", "text": "hi"}, {"role": "bot", "text": " "}])


def test_no_query_stands_twice() -> None:
    asked = Counter(
        (normalise(row["query"]), *(normalise(turn["text"]) for turn in row["history"]))
        for row in every_row()
    )
    assert [words for words, n in asked.items() if n > 1] == []


def test_no_query_has_the_wording_of_a_title_heading_or_listed_question() -> None:
    taken = {row["id"]: sorted(copied(row["query"])) for row in every_row()}
    assert {identifier: runs for identifier, runs in taken.items() if runs} == {}


@pytest.mark.parametrize(
    "query",
    ["Please tell me: how do I cancel our SUBSCRIPTION today?", "请问邮件通知太多了怎么关掉呢"],
)
def test_copied_wording_is_found(query: str) -> None:
    assert copied(query)
