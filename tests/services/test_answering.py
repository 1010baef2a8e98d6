from dataclasses import replace

from markdown_it import MarkdownIt

from bot.domain.conversation import Locale
from bot.domain.knowledge import Block, Evidence, Passage, Sentence
from bot.domain.text import count_words
from bot.services.answering import (
    MOST_SOURCES,
    MOST_WORDS,
    USUAL_WORDS,
    compose,
    extractive_answer,
)


def paragraph(*sentences: tuple[str, float]) -> Block:
    text = " ".join(text for text, _ in sentences)
    return Block("paragraph", text, tuple(Sentence(*sentence) for sentence in sentences))


def steps(*items: str, relevance: float = 0.3) -> Block:
    markdown = "\n".join(f"{n}. {item}" for n, item in enumerate(items, 1))
    return Block("list", markdown, tuple(Sentence(item, relevance) for item in items))


def table(rows: int, nearest: int) -> Block:
    lines = [
        "| Plan | Limit |",
        "|---|---|",
        *(f"| plan {n} | {n} words in it |" for n in range(rows)),
    ]
    sentences = tuple(
        Sentence(f"plan {n} {n} words in it", 0.9 if n == nearest else 0.2) for n in range(rows)
    )
    return Block("table", "\n".join(lines), sentences)


def passage(*blocks: Block, path: str = "en/a.md", score: float = 0.6, ordinal: int = 0) -> Passage:
    return Passage(
        path=path,
        ordinal=ordinal,
        anchor=f"section-{ordinal}",
        title="Title",
        heading_path=("Section",),
        locale=Locale.EN,
        line=1,
        score=score,
        blocks=blocks,
    )


QUESTION = "how many columns can a board hold"


def answer(*passages: Passage) -> str:
    return compose(Evidence(passages, 0.9, "snapshot"), QUESTION)[0]


def test_the_sentence_that_answers_comes_first() -> None:
    text = answer(
        passage(paragraph(("Boards show cards.", 0.2), ("A board holds 24 columns.", 0.8)))
    )
    assert text.startswith("A board holds 24 columns. [1]")


def test_a_list_follows_the_sentence_that_leads_into_it() -> None:
    text = answer(
        passage(
            paragraph(("To add a column do this:", 0.8)),
            steps("Open the board.", "Choose Add column.", relevance=0.1),
        )
    )
    assert "1. Open the board.\n2. Choose Add column. [1]" in text


def test_code_is_kept_whole_with_its_mark_on_a_line_of_its_own() -> None:
    code = Block("code", "```\ncurl -X POST /tasks\n```", (Sentence("curl -X POST /tasks", 0.2),))
    text = answer(passage(paragraph(("Create a task with one request:", 0.8)), code))
    assert text.endswith("```\ncurl -X POST /tasks\n```\n\n[1]")


def test_links_become_their_text() -> None:
    block = Block(
        "paragraph",
        "See [the plans](../billing/plans.md) today. Or not today.",
        (Sentence("See the plans today.", 0.7), Sentence("Or not today.", 0.8)),
    )
    assert "](" not in answer(passage(block))


def test_a_second_source_that_repeats_the_first_is_not() -> None:
    sentence = ("A board holds 24 columns.", 0.9)
    text = answer(
        passage(paragraph(sentence)),
        passage(paragraph(sentence), path="en/b.md", score=0.5),
    )
    assert "[2]" not in text


def test_citations_quote_the_words_they_stand_for() -> None:
    evidence = Evidence((passage(paragraph(("A board holds 24 columns.", 0.9))),), 0.9, "snapshot")
    citation = extractive_answer(evidence, QUESTION).citations[0]
    assert (citation.n, citation.path, citation.anchor) == (1, "en/a.md", "section-0")
    assert citation.excerpt == "A board holds 24 columns."
    assert citation.url == "/kb/en/a.md#section-0"


def test_a_passage_of_code_alone_is_still_an_answer() -> None:
    code = Block("code", "```\nGET /tasks\n```", (Sentence("GET /tasks", 0.4),))
    assert "GET /tasks" in answer(passage(code))


def test_what_cannot_answer_is_left_out() -> None:
    text = answer(
        passage(paragraph(("A board holds 24 columns.", 0.9))),
        passage(paragraph(("Weather is fine.", 0.0)), path="en/b.md", score=0.001),
    )
    assert text == "A board holds 24 columns. [1]"


def test_steps_are_the_answer_without_running_text() -> None:
    assert answer(passage(steps("Open it.", "Close it."))) == "1. Open it.\n2. Close it. [1]"


def test_a_long_table_keeps_its_head_and_the_nearest_rows() -> None:
    lines = answer(passage(table(rows=100, nearest=77))).splitlines()
    assert lines[:2] == ["| Plan | Limit |", "|---|---|"]
    assert "| plan 77 | 77 words in it |" in lines
    assert len(lines) < 50


def test_answers_are_not_longer_than_usual() -> None:
    long = paragraph(*((f"Sentence {n} has exactly six words.", 0.5) for n in range(80)))
    text = answer(passage(paragraph(("The answer is here.", 0.6)), long, table(200, 3)))
    assert (
        USUAL_WORDS[Locale.EN] / 2 < count_words(text) <= USUAL_WORDS[Locale.EN] + 10
    )  # the marks


def test_code_longer_than_any_answer_is_quoted_when_there_is_nothing_else() -> None:
    lines = "\n".join(f"SETTING_{n}=value" for n in range(MOST_WORDS[Locale.EN]))
    code = Block("code", f"```\n{lines}\n```", (Sentence(lines, 0.5),))
    assert answer(passage(code)) == f"```\n{lines}\n```\n\n[1]"


def test_a_second_source_is_quoted_when_it_answers_too() -> None:
    text = answer(
        passage(paragraph(("A board holds 24 columns.", 0.9))),
        passage(paragraph(("Up to 24 columns can stand on it.", 0.9)), path="en/b.md", score=0.5),
    )
    assert text == "A board holds 24 columns. [1]\n\nUp to 24 columns can stand on it. [2]"


def test_there_are_few_sources() -> None:
    sources = [
        passage(paragraph((f"In {name} a board holds 24 columns.", 0.9)), path=f"en/{name}.md")
        for name in ("one", "two", "three", "four", "five")
    ]
    assert f"[{MOST_SOURCES}]" in answer(*sources)
    assert f"[{MOST_SOURCES + 1}]" not in answer(*sources)


def test_only_the_language_of_the_best_passage_is_quoted() -> None:
    chinese = passage(paragraph(("看板最多 24 列。", 0.9)), path="zh/a.md")
    chinese = replace(chinese, locale=Locale.ZH)
    assert "看板" not in answer(passage(paragraph(("A board holds 24 columns.", 0.9))), chinese)


def test_short_paragraphs_of_a_source_become_one() -> None:
    text = answer(
        passage(
            paragraph(("A board holds 24 columns.", 0.9)),
            paragraph(("A column holds 100 cards.", 0.88)),
            paragraph(("A column can have 3 names.", 0.88)),
        )
    )
    assert text == (
        "A board holds 24 columns. [1]\n\nA column holds 100 cards. A column can have 3 names. [1]"
    )


def test_chinese_sentences_are_joined_without_a_space() -> None:
    near = paragraph(
        ("看板最多 24 列。", 0.9), ("每列可有 3 个状态。", 0.88), ("名字有 2 个。", 0.88)
    )
    source = replace(passage(near), locale=Locale.ZH)
    text = compose(Evidence((source,), 0.9, "snapshot"), "看板最多几列")[0]
    assert text == "看板最多 24 列。每列可有 3 个状态。名字有 2 个。 [1]"


def test_a_passage_of_pictures_alone_is_referred_to() -> None:
    assert answer(passage()) == "Section [1]"


def test_what_denies_a_premise_opens_the_answer() -> None:
    found = Evidence(
        (
            passage(
                paragraph(("Guests can edit their own profile and the tasks they see.", 0.9)),
                paragraph(("Guests cannot edit tasks.", 0.8)),
                *(paragraph((f"Invoices of year {n} are kept.", 0.1)) for n in range(12)),
            ),
        ),
        0.9,
        "s",
    )
    assert extractive_answer(found, "Can guests edit tasks?").text.startswith("Guests cannot")


def test_a_yes_no_question_opens_with_what_names_its_subject() -> None:
    tools = passage(
        paragraph(("Neither WeChat nor Teams is supported here.", 0.8)),
        paragraph(("DingTalk works with rooms.", 0.79)),
    )
    found = Evidence((tools,), 0.9, "snapshot")
    assert compose(found, "do you support dingtalk")[0].startswith("DingTalk works")
    assert compose(found, "which tools do you support")[0].startswith("Neither WeChat")


def test_steps_that_follow_steps_begin_a_list_of_their_own() -> None:
    """In Markdown a blank line does not end a list."""
    text = answer(
        passage(steps("Open the board.", "Choose Add column.", relevance=0.8)),
        passage(steps("Open a column.", "Drag the board.", relevance=0.8), path="en/b.md"),
    )
    assert "Choose Add column.\n\n[1]\n\n1. Open a column." in text
    assert MarkdownIt("commonmark").render(text).count("<ol>") == 2
