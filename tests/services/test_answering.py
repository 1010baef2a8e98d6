from bot.domain.conversation import Locale
from bot.domain.knowledge import Block, Evidence, Passage, Sentence
from bot.domain.text import count_words
from bot.services.answering import ALL_WORDS, MOST_WORDS, compose, extractive_answer, shorten


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


def answer(*passages: Passage) -> str:
    return compose(Evidence(passages, 0.9, "snapshot"))[0]


def test_the_sentence_that_answers_comes_first() -> None:
    text = answer(
        passage(paragraph(("Boards show cards.", 0.2), ("A board holds 24 columns.", 0.8)))
    )
    assert text.startswith("A board holds 24 columns. [1]")


def test_sentences_far_from_the_question_are_left_out() -> None:
    text = answer(passage(paragraph(("Far away.", 0.1), ("A board holds 24 columns.", 0.8))))
    assert "Far away" not in text


def test_a_list_follows_the_sentence_that_leads_into_it() -> None:
    text = answer(
        passage(
            paragraph(("To add a column do this:", 0.8)),
            steps("Open the board.", "Choose Add column.", relevance=0.1),
        )
    )
    assert "1. Open the board.\n2. Choose Add column. [1]" in text


def test_steps_are_the_answer_without_running_text() -> None:
    assert answer(passage(steps("Open it.", "Close it."))).startswith("1. Open it.\n2. Close it.")


def test_code_is_kept_whole_with_its_mark_on_a_line_of_its_own() -> None:
    code = Block("code", "```\ncurl -X POST /tasks\n```", (Sentence("curl -X POST /tasks", 0.2),))
    text = answer(passage(paragraph(("Create a task with one request.", 0.8)), code))
    assert text.endswith("```\ncurl -X POST /tasks\n```\n\n[1]")


def test_a_long_table_keeps_its_head_and_the_nearest_rows() -> None:
    block = table(rows=100, nearest=77)
    lines = shorten(block, 40).splitlines()
    assert lines[:2] == ["| Plan | Limit |", "|---|---|"]
    assert "| plan 77 | 77 words in it |" in lines


def test_long_steps_keep_the_first_ones() -> None:
    block = steps(*(f"Step number {n} of many." for n in range(60)))
    assert shorten(block, 30).startswith("1. Step number 0 of many.")


def test_no_answer_is_longer_than_the_most() -> None:
    long = paragraph(*((f"Sentence {n} has exactly six words.", 0.5) for n in range(80)))
    text = answer(passage(paragraph(("The answer is here.", 0.6)), long, table(200, 3)))
    assert 0 < count_words(text) <= MOST_WORDS + 10  # the marks count too


def test_links_become_their_text() -> None:
    block = Block(
        "paragraph",
        "See [the plans](../billing/plans.md) today. Or not today.",
        (Sentence("See the plans today.", 0.7), Sentence("Or not today.", 0.8)),
    )
    assert "](" not in answer(passage(block))


def test_a_second_source_is_quoted_when_it_answers_better() -> None:
    text = answer(
        passage(paragraph(("Columns have names.", 0.5))),
        passage(paragraph(("A board holds 24 columns.", 0.9)), path="en/b.md", score=0.4),
    )
    assert text == "Columns have names. [1]\n\nA board holds 24 columns. [2]"


def test_a_second_source_that_repeats_the_first_is_not() -> None:
    sentence = ("A board holds 24 columns.", 0.9)
    text = answer(
        passage(paragraph(sentence)),
        passage(paragraph(sentence), path="en/b.md", score=0.5),
    )
    assert "[2]" not in text


def test_what_explains_the_sentence_of_a_second_source_comes_along() -> None:
    first = passage(paragraph(("A board shows cards.", 0.6)))
    second = passage(
        paragraph(("Far away.", 0.1), ("It holds 24 columns.", 0.65), ("More need a second.", 0.2)),
        path="en/b.md",
        score=0.5,
    )
    assert answer(first, second).endswith("It holds 24 columns. More need a second. [2]")


def test_second_sources_never_make_an_answer_long() -> None:
    sentences = [(f"Sentence {n} has words in it.", 0.6) for n in range(12)]
    sources = [
        passage(
            paragraph(*((f"In {path} {text}", relevance) for text, relevance in sentences)),
            path=path,
        )
        for path in ("en/a.md", "en/b.md", "en/c.md")
    ]
    assert "[2]" in answer(*sources)
    assert count_words(answer(*sources)) <= ALL_WORDS[Locale.EN] + len(sources) + 1  # the marks


def test_citations_quote_the_words_they_stand_for() -> None:
    evidence = Evidence((passage(paragraph(("A board holds 24 columns.", 0.9))),), 0.9, "snapshot")
    citation = extractive_answer(evidence).citations[0]
    assert (citation.n, citation.path, citation.anchor) == (1, "en/a.md", "section-0")
    assert citation.excerpt == "A board holds 24 columns."
    assert citation.url == "/kb/en/a.md#section-0"


def test_a_passage_of_code_alone_is_still_an_answer() -> None:
    code = Block("code", "```\nGET /tasks\n```", (Sentence("GET /tasks", 0.4),))
    assert "GET /tasks" in answer(passage(code))


def test_a_question_of_the_article_goes_with_its_reply() -> None:
    text = answer(
        passage(paragraph(("How many columns can it have?", 0.9), ("Up to 24 columns.", 0.6)))
    )
    assert text == "How many columns can it have? Up to 24 columns. [1]"


def test_chinese_sentences_are_joined_without_a_space() -> None:
    near = paragraph(("看板最多 24 列。", 0.9), ("每列一个状态。", 0.8), ("列可以改名。", 0.8))
    assert "每列一个状态。列可以改名。" in answer(passage(near))
