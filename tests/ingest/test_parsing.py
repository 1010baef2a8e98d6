from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.article import Article, Problem
from ingest.documents import Document
from ingest.parsing import Anchors, parse, slugify


def parsed(text: str, path: str = "guide/a.md") -> Article:
    found = parse(Document(path, dedent(text), ""))
    assert found.problems == ()
    assert found.article is not None
    return found.article


def outline(article: Article) -> list[tuple[tuple[str, ...], str | None, int]]:
    return [(section.heading_path, section.anchor, section.line) for section in article.sections]


@pytest.mark.parametrize(
    ("text", "path", "title"),
    [
        ("---\ntitle: Given\n---\n# Other", "a.md", "Given"),
        ("# First *one*\n\n# Second", "a.md", "First one"),
        ("text\n\n## Late", "a.md", "Late"),
        ("only text", "en/set-up_guide.md", "set up guide"),
        ("only text", "en/billing/README.md", "billing"),
        ("only text", "README.zh.md", "README"),
        ("![](a.png)", "看板.md", "看板"),
    ],
)
def test_title_from_front_matter_then_heading_then_name(text: str, path: str, title: str) -> None:
    assert parsed(text, path).title == title


def test_the_articles_own_heading_opens_no_section() -> None:
    article = parsed("# Title\n\nintro\n\n## A\n\na\n\n### B\n\nb\n\n## C\n\nc")
    assert outline(article) == [
        ((), None, 1),
        (("A",), "a", 5),
        (("A", "B"), "b", 9),
        (("C",), "c", 13),
    ]
    assert [section.blocks[0].plain for section in article.sections] == ["intro", "a", "b", "c"]


def test_a_heading_that_differs_from_the_given_title_is_a_section() -> None:
    article = parsed("---\ntitle: Given\n---\n\nintro\n\n# Other\n\ntext")
    assert outline(article) == [((), None, 4), (("Other",), "other", 7)]


def test_a_given_title_repeated_as_heading_is_no_section() -> None:
    assert outline(parsed("---\ntitle: Same Title\n---\n# Same  title\n\ntext")) == [((), None, 4)]


def test_levels_may_be_skipped_and_start_anywhere() -> None:
    article = parsed("# T\n\n#### D\n\nd\n\n## B\n\nb\n\n#### E\n\ne")
    assert [section.heading_path for section in article.sections] == [("D",), ("B",), ("B", "E")]


def test_a_heading_without_text_stays_as_a_section_without_blocks() -> None:
    article = parsed("# T\n\n## A\n\n## B\n\nb")
    assert [len(section.blocks) for section in article.sections] == [0, 1]


@pytest.mark.parametrize(
    ("heading", "slug"),
    [
        ("Create a Task", "create-a-task"),
        ("What's new? (v1.2)", "whats-new-v12"),
        ("创建任务：第一步", "创建任务第一步"),
        ("snake_case - and - dashes", "snake_case---and---dashes"),
        ("😀 Smile", "-smile"),
        ("???", "section"),
    ],
)
def test_slugs_are_those_of_github(heading: str, slug: str) -> None:
    assert slugify(heading) == slug


def test_equal_headings_have_anchors_of_their_own() -> None:
    article = parsed("# A\n\nx\n\n## A\n\nx\n\n## A\n\nx\n\n## A 1\n\nx\n\n## B {#a}\n\nx")
    assert [section.anchor for section in article.sections] == [None, "a-1", "a-2", "a-1-1", "a-3"]


@given(st.lists(st.sampled_from(["a", "a-1", "a-2", "a-1-1", "b"])))
def test_anchors_are_unique(slugs: list[str]) -> None:
    anchors = Anchors()
    found = [anchors.add(slug) for slug in slugs]
    assert len(set(found)) == len(found)
    assert all(anchor.startswith(slug) for anchor, slug in zip(found, slugs, strict=True))


@pytest.mark.parametrize(
    ("text", "path", "locale"),
    [
        ("---\nlocale: en\n---\n中文", "zh/a.md", "en"),
        ("中文", "en/a.md", "en"),
        ("text", "zh-CN/a.md", "zh"),
        ("# 标题\n\n点击按钮", "a.md", "zh"),
        ("# Title\n\nclick it", "a.md", "en"),
        ("# 标题\n\n```\nmany words of code in english here\n```", "a.md", "zh"),
    ],
)
def test_locale_from_front_matter_then_path_then_text(text: str, path: str, locale: str) -> None:
    assert parsed(text, path).locale == locale


def test_front_matter_reaches_the_article() -> None:
    article = parsed("---\naudience: internal\nmodule: tasks\nquestions: [how]\n---\ntext")
    assert (article.audience, article.module, article.questions) == ("internal", "tasks", ("how",))


def test_blank_lines_above_the_front_matter_keep_an_internal_article_internal() -> None:
    article = parsed("\n\n---\naudience: internal\n---\n## A\n\ntext")
    assert article.audience == "internal"
    assert [(s.line, s.blocks[0].line) for s in article.sections] == [(6, 8)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("\n \n", "empty"),
        ("---\ntitle: a\n---\n\n", "front matter without an article"),
    ],
)
def test_a_document_without_content_is_a_problem(text: str, reason: str) -> None:
    assert parse(Document("a.md", text, "")) == (None, (Problem("a.md", None, reason),))


def test_broken_front_matter_costs_the_metadata_only() -> None:
    article, problems = parse(Document("a.md", "---\ntitle: a: b\n---\n# Heading\n\ntext", ""))
    assert [(problem.path, problem.line) for problem in problems] == [("a.md", 2)]
    assert article is not None
    assert (article.title, article.sections[0].blocks[0].plain) == ("Heading", "text")


def test_lines_are_those_of_the_file() -> None:
    article = parsed("---\ntitle: a\n---\n\nintro\n\n## B\n\n- c\n")
    assert [(s.line, s.blocks[0].line) for s in article.sections] == [(4, 5), (7, 9)]


def test_mdx_is_read_without_its_javascript() -> None:
    article = parsed(
        """\
        import Tabs from '@theme/Tabs'

        # Title

        <Tabs items={["a", "b"]}>
          <Tab value="a">
            Press **Save** {/* or not */}.
          </Tab>
        </Tabs>
        """,
        "a.mdx",
    )
    (section,) = article.sections
    assert [block.markdown for block in section.blocks] == ["Press **Save** ."]


@given(st.text(st.sampled_from("ab 中。#*_`[]()<>{}|!-:\n\t&\\~1.")))
def test_any_text_is_parsed_to_a_well_formed_article(text: str) -> None:
    article, problems = parse(Document("a.md", text, ""))
    assert (article is None) == bool(problems)
    if article is None:
        return
    anchors = [section.anchor for section in article.sections if section.anchor]
    assert len(set(anchors)) == len(anchors)
    lines = [block.line for section in article.sections for block in section.blocks]
    assert all(1 <= line <= text.count("\n") + 1 for line in lines)
    assert all(block.plain.strip() for section in article.sections for block in section.blocks)
