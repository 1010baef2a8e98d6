from pathlib import Path

from bot.domain.conversation import Author, Locale, Message
from evals.bench.corpora import alternate, by_locale, judged, pages_of, plain, shorten, spread, take
from evals.cases import Case, Collection

EN1 = Case("en-1", Locale.EN, "How do I export?", ("export.md",))
EN2 = Case("en-2", Locale.EN, "And to CSV?", history=(Message("eval", Author.CUSTOMER, "hi"),))
EN3 = Case("en-3", Locale.EN, "Is there a dark mode?")
ZH1 = Case("zh-1", Locale.ZH, "怎么导出？", ("export.md",))
OFF = Case("off-1", Locale.EN, "What is the weather like?", answerable=False)


def test_only_answerable_questions_that_stand_alone_are_asked() -> None:
    assert plain([EN1, EN2, OFF, ZH1]) == (EN1, ZH1)


def test_judged_questions_know_their_pages() -> None:
    assert judged([EN1, EN3, ZH1]) == [EN1, ZH1]


def test_languages_without_questions_are_left_out() -> None:
    assert by_locale([ZH1]) == {Locale.ZH: [ZH1]}


def test_taking_more_than_there_are_begins_again() -> None:
    assert take([EN1, EN3], 5) == [EN1, EN3, EN1, EN3, EN1]
    assert take([], 5) == []


def test_languages_are_asked_by_turns() -> None:
    asked = alternate([EN1, EN3, ZH1], 2)

    assert [case.locale for case in asked[0::2]] != [case.locale for case in asked[1::2]]
    assert sorted(case.id for case in asked) == ["en-1", "en-3", "zh-1", "zh-1"]


def test_few_questions_are_of_all_languages() -> None:
    assert {case.locale for case in spread([EN1, EN3, ZH1], 2)} == {Locale.EN, Locale.ZH}
    assert len(spread([EN1, EN3, ZH1], 3)) == 3
    assert spread([], 3) == []


def test_pages_are_the_markdown_files_at_any_depth(tmp_path: Path) -> None:
    for name in ("a.md", "deep/b.markdown", "deep/c.mdx", "picture.png", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("text", "utf-8")
    (tmp_path / "link.md").symlink_to(tmp_path / "a.md")

    names = [page.name for page in pages_of(Collection("kb", tmp_path, ()))]

    assert names == ["a.md", "b.markdown", "c.mdx"]


def test_a_shortened_suite_keeps_the_pages_that_answer(tmp_path: Path) -> None:
    for name in ("a.md", "b.md", "deep/export.md"):
        (tmp_path / "kb" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "kb" / name).write_text("text", "utf-8")
    answered = Case("1", Locale.EN, "How do I export?", ("deep/export.md",))
    lost = Case("2", Locale.EN, "How do I import?", ("b.md",))
    suite = Collection("kb", tmp_path / "kb", (answered, lost, EN3))

    short = shorten(suite, 1, tmp_path / "short")

    assert [page.name for page in pages_of(short)] == ["export.md"]
    assert short.cases == (answered, EN3)
