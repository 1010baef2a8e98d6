"""Articles are read back from the chunks they were cut into."""

import re
from pathlib import Path

import pytest

from bot.adapters.snapshot_articles import SnapshotArticles
from bot.adapters.snapshot_retriever import SnapshotRetriever
from bot.domain.conversation import Locale
from bot.domain.errors import KnowledgeBaseUnavailable
from bot.domain.knowledge import ArticleAddress, ArticlePage, ArticleSection
from bot.ports import Query
from ingest.pipeline import ingest
from ingest.publishing import SnapshotIndex
from tests.adapters.test_snapshot_search import RANKINGS
from tests.ingest.knowledge import ARTICLES, hashed_space, write_articles


def publish(folder: Path, articles: dict[str, str]) -> SnapshotIndex:
    index = SnapshotIndex(folder / "index")
    report = ingest(write_articles(folder / "kb", articles), index, [hashed_space()])
    assert report.errors == ()
    return index


def open_articles(folder: Path, articles: dict[str, str]) -> SnapshotArticles:
    return SnapshotArticles(publish(folder, articles).load())


def read(folder: Path, text: str) -> ArticlePage:
    page = open_articles(folder, {"en/a.md": text}).page("en/a.md")
    assert page is not None
    return page


def test_an_article_is_whole(tmp_path: Path) -> None:
    assert open_articles(tmp_path, ARTICLES).page("en/boards.md") == ArticlePage(
        path="en/boards.md",
        title="Boards",
        locale=Locale.EN,
        sections=(
            ArticleSection("", 1, None, "<p>A board shows tasks as cards in columns.</p>"),
            ArticleSection(
                "Add a column",
                1,
                "add-a-column",
                "<p>Choose <strong>Add column</strong> at the right end of the board.</p>",
            ),
            ArticleSection("Limits", 1, "limits", "<p>A board holds at most 24 columns.</p>"),
        ),
        translation="zh/boards.md",
    )


def test_each_of_two_translations_names_the_other(tmp_path: Path) -> None:
    articles = open_articles(tmp_path, ARTICLES)
    page = articles.page("zh/boards.md")
    assert page is not None
    assert (page.locale, page.translation) == (Locale.ZH, "en/boards.md")
    assert page.sections[1].anchor == "添加列"
    alone = articles.page("en/login.md")
    assert alone is not None
    assert alone.translation is None


def test_a_translation_that_is_internal_is_not_named(tmp_path: Path) -> None:
    hidden = ARTICLES["zh/boards.md"].replace("locale: zh", "locale: zh\naudience: internal")
    articles = open_articles(tmp_path, ARTICLES | {"zh/boards.md": hidden})
    page = articles.page("en/boards.md")
    assert page is not None
    assert page.translation is None


@pytest.mark.parametrize(
    "path",
    [
        "en/refunds.md",  # internal
        "en/missing.md",
        "en/boards",
        "en/",
        "",
        "/en/boards.md",
        "./en/boards.md",
        "en//boards.md",
        "en/../en/boards.md",
        "../kb/en/boards.md",
        "/etc/passwd",
        "en/boards.md\x00",
        "EN/boards.md",
    ],
)
def test_there_is_nothing_else(tmp_path: Path, path: str) -> None:
    assert open_articles(tmp_path, ARTICLES).page(path) is None


def test_links_lead_to_public_articles_only(tmp_path: Path) -> None:
    links = "[b](boards.md#limits) [z](../zh/boards.md) [r](refunds.md) [m](missing.md)"
    page = open_articles(tmp_path, ARTICLES | {"en/links.md": f"# Links\n\n{links}\n"}).page(
        "en/links.md"
    )
    assert page is not None
    html = page.sections[0].html
    assert re.findall('href="([^"]*)"', html) == ["/kb/en/boards.md#limits", "/kb/zh/boards.md"]
    assert html.endswith(" r m</p>")


def test_a_long_section_has_one_heading(tmp_path: Path) -> None:
    paragraphs = [f"Paragraph {n}. " + f"word{n} " * 60 for n in range(12)]
    page = read(tmp_path, "# A\n\n## Long\n\n" + "\n\n".join(paragraphs) + "\n\n## Next\n\nText.\n")
    assert [section.heading for section in page.sections] == ["Long", "Next"]
    html = page.sections[0].html
    assert [int(n) for n in re.findall(r"Paragraph (\d+)\.", html)] == list(range(12))


def test_a_table_and_code_that_were_cut_are_whole_again(tmp_path: Path) -> None:
    rows = [f"| row{n} | {'word ' * 10}|" for n in range(80)]
    lines = [f"line{n} = {n}" for n in range(400)]
    table = "\n".join(["| Name | Meaning |", "| --- | --- |", *rows])
    code = "\n".join(["```python", *lines, "```"])
    index = publish(tmp_path, {"en/a.md": f"# A\n\n{table}\n\n{code}\n"})
    assert len(index.load().chunks) > 2
    page = SnapshotArticles(index.load()).page("en/a.md")
    assert page is not None
    html = page.sections[0].html
    assert (html.count("<table>"), html.count("<pre ")) == (1, 1)
    assert re.findall(r"<td>(row\d+)</td>", html) == [f"row{n}" for n in range(80)]
    assert re.findall(r"(line\d+) =", html) == [f"line{n}" for n in range(400)]


def test_two_tables_with_the_same_header_stay_two(tmp_path: Path) -> None:
    table = "| a | b |\n| --- | --- |\n| 1 | 2 |"
    page = read(tmp_path, f"# A\n\n{table}\n\n{table}\n\n```\nx\n```\n\n```\ny\n```\n")
    html = page.sections[0].html
    assert (html.count("<table>"), html.count("<pre ")) == (2, 2)


def test_a_list_that_was_cut_goes_on_counting(tmp_path: Path) -> None:
    items = "\n".join(f"{n}. Step {n}: " + "word " * 20 for n in range(1, 41))
    html = read(tmp_path, f"# A\n\n{items}\n").sections[0].html
    assert html.count("<li>") == 40
    counted = 0
    for start, steps in re.findall(r'<ol(?: start="(\d+)")?>(.*?)</ol>', html, re.S):
        assert int(start or 1) == counted + 1
        counted += steps.count("<li>")
    assert counted == 40


def test_headings_above_headings_are_shown_too(tmp_path: Path) -> None:
    text = "# A\n\n## B\n\n### C\n\nText.\n\n### D\n\nText.\n\n## E\n\nText.\n\n#### F\n\nText.\n"
    page = read(tmp_path, text)
    assert [(s.heading, s.level, s.anchor) for s in page.sections] == [
        ("B", 1, None),
        ("C", 2, "c"),
        ("D", 2, "d"),
        ("E", 1, "e"),
        ("F", 2, "f"),
    ]


def test_sections_of_the_same_name_stay_apart(tmp_path: Path) -> None:
    page = read(tmp_path, "# A\n\n## Setup\n\nOne.\n\n## Setup\n\nTwo.\n")
    assert [(s.heading, s.anchor, s.html) for s in page.sections] == [
        ("Setup", "setup", "<p>One.</p>"),
        ("Setup", "setup-1", "<p>Two.</p>"),
    ]


PNG = b"\x89PNG\r\n\x1a\n"


def test_an_article_shows_the_images_of_the_knowledge_base(tmp_path: Path) -> None:
    (tmp_path / "kb/en").mkdir(parents=True)
    (tmp_path / "kb/en/a.png").write_bytes(PNG)
    (tmp_path / "kb/en/b.svg").write_bytes(b"<svg></svg>")
    text = "# A\n\nText ![one](a.png) here.\n\n![two](b.svg)\n\n![three](https://a.example/c.png)\n"
    articles = open_articles(tmp_path, {"en/a.md": text})
    page = articles.page("en/a.md")
    assert page is not None
    html = page.sections[0].html
    found = re.findall(r'<img src="/images/([^"]*)" alt="(\w+)">', html)
    assert [alt for _, alt in found] == ["one", "two"]
    images = [articles.image(name) for name, _ in found]
    assert [(i.content, i.media_type) for i in images if i] == [
        (PNG, "image/png"),
        (b"<svg></svg>", "image/svg+xml"),
    ]
    assert '<a href="https://a.example/c.png"' in html
    assert articles.image("a.png") is None


def test_links_lead_to_the_companys_own_site(tmp_path: Path) -> None:
    address = ArticleAddress("https://help.example.com/{locale}/{stem}?at={anchor}")
    text = "# Links\n\n[b](boards.md#limits) [z](../zh/boards.md) [i](#here)\n"
    index = publish(tmp_path, ARTICLES | {"en/links.md": text})
    articles = SnapshotArticles(index.load(), address)
    page, board = articles.page("en/links.md"), articles.page("en/boards.md")
    assert page is not None
    assert board is not None
    assert re.findall('href="([^"]*)"', page.sections[0].html) == [
        "https://help.example.com/en/en/boards?at=limits",
        "https://help.example.com/zh/zh/boards?at=",
        "#here",
    ]
    assert board.translation_url == "https://help.example.com/zh/zh/boards?at="


async def test_citations_lead_there_too_and_no_passage_holds_an_image(tmp_path: Path) -> None:
    (tmp_path / "kb/en").mkdir(parents=True)
    (tmp_path / "kb/en/a.png").write_bytes(PNG)
    index = publish(tmp_path, {"en/a.md": "# A\n\nColumns ![one](a.png) here.\n\n![two](a.png)\n"})
    address = ArticleAddress("https://help.example.com/{path}#{anchor}")
    retriever = SnapshotRetriever(index.folder, [hashed_space()], RANKINGS, address=address)
    (passage,) = (await retriever.search(Query("columns"))).passages
    assert passage.url == "https://help.example.com/en/a.md"
    assert passage.text == "Columns here."
    name = next(iter(index.load().images.names.values()))
    image = await retriever.image(name)
    assert image is not None
    assert image.content == PNG


async def test_the_retriever_shows_what_it_searches(tmp_path: Path) -> None:
    index = publish(tmp_path, ARTICLES)
    retriever = SnapshotRetriever(index.folder, [hashed_space()], RANKINGS)
    page = await retriever.article("en/boards.md")
    assert page is not None
    assert page.title == "Boards"
    renamed = {"en/boards.md": ARTICLES["en/boards.md"].replace("title: Boards", "title: Walls")}
    publish(tmp_path, renamed)
    await retriever.refresh()
    page = await retriever.article("en/boards.md")
    assert page is not None
    assert page.title == "Walls"


async def test_without_an_index_there_are_no_articles(tmp_path: Path) -> None:
    retriever = SnapshotRetriever(tmp_path / "index", [hashed_space()], RANKINGS)
    with pytest.raises(KnowledgeBaseUnavailable, match="run: firstline ingest"):
        await retriever.article("en/boards.md")
