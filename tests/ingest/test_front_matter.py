from datetime import date

import pytest

from ingest.front_matter import MAX_CHARACTERS, MAX_DEPTH, Metadata, read_front_matter

OTHER_TOOLS_KEYS = [
    "aliases", "author", "authors", "category", "categories", "date", "description", "draft",
    "has_children", "id", "lang", "language", "last_reviewed", "lastmod", "layout", "linkTitle",
    "menu", "nav_order", "parent", "permalink", "reviewed_by", "reviewer", "reviewers", "robots",
    "sidebar_label", "sidebar_position", "slug", "status", "subtitle", "summary", "tags",
    "template", "toc", "type", "url", "version", "visibility", "weight",
]  # fmt: skip


def metadata(*lines: str) -> Metadata:
    found = read_front_matter("a.md", "\n".join(("---", *lines, "---", "Body")))
    assert found.problems == ()
    assert found.body == "Body"
    return found.metadata


def problem(*lines: str) -> tuple[int | None, str]:
    found = read_front_matter("a.md", "\n".join(("---", *lines, "---", "Body")))
    assert found.body == "Body"
    (only,) = found.problems
    return only.line, only.reason


def test_every_key_is_read() -> None:
    assert metadata(
        "title: 创建任务",
        "locale: zh-Hans",
        "module: tasks",
        "lifecycle: planning",
        "audience: internal",
        "tiers: [premium, enterprise]",
        "owner: product-docs",
        "reviewed: 2026-08-05",
        "review_by: '2027-02-05'",
        "questions:",
        "  - 怎么新建任务",
        "  - how do I add a task",
        "translation_of: en/tasks.md",
    ) == Metadata(
        title="创建任务",
        locale="zh",
        module="tasks",
        lifecycle="planning",
        audience="internal",
        tiers=("premium", "enterprise"),
        owner="product-docs",
        reviewed=date(2026, 8, 5),
        review_by=date(2027, 2, 5),
        questions=("怎么新建任务", "how do I add a task"),
        translation_of="en/tasks.md",
    )


def test_keys_of_other_tools_are_ignored() -> None:
    lines = ["sidebar_navigation:", "  title: Menu", "robots: index, follow", "keywords: a, b"]
    assert metadata(*lines, "title: FAQ") == Metadata(title="FAQ")


@pytest.mark.parametrize("key", OTHER_TOOLS_KEYS)
def test_no_key_of_other_tools_is_taken_for_a_misspelling(key: str) -> None:
    assert metadata(f"{key}: internal") == Metadata()


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("tilte: A", "title"),
        ("Title: A", "title"),
        ("lcoale: en", "locale"),
        ("qestions: [a]", "questions"),
        ("review-by: 2027-01-01", "review_by"),
        ("translaton_of: a.md", "translation_of"),
        ("audiance: public", "audience"),
    ],
)
def test_a_misspelt_key_is_named_with_its_line(line: str, meant: str) -> None:
    found = read_front_matter("a.md", f"---\nmodule: tasks\n{line}\n---\nBody")
    (only,) = found.problems
    assert only.line == 3
    assert only.reason.endswith(f"{line.partition(':')[0]} is not a key; did you mean {meant}?")
    assert found.metadata == Metadata(module="tasks")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("title: 2024", Metadata(title="2024")),
        ("title: yes", Metadata(title="yes")),
        ("title: 'a: b'", Metadata(title="a: b")),
        ("title:", Metadata()),
        ("lifecycle: none", Metadata()),
        ("audience: Internal", Metadata(audience="internal")),
        ("questions: only one", Metadata(questions=("only one",))),
        ("reviewed: 2026-08-05T10:00:00Z", Metadata(reviewed=date(2026, 8, 5))),
    ],
)
def test_values_are_read_as_they_are_meant(line: str, expected: Metadata) -> None:
    assert metadata(line) == expected


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("reviewed: 2026-13-45", "reviewed must be a date (YYYY-MM-DD)"),
        ("review_by: [2026-01-01]", "review_by must be a date (YYYY-MM-DD)"),
        ("title: [a, b]", "title must be one line of text"),
        ("owner: {a: b}", "owner must be one line of text"),
        ("questions: [[a]]", "questions must be a list of texts"),
        ("tiers: {a: b}", "tiers must be a list of texts"),
        ("locale: fr", "locale must be zh or en"),
        ("lifecycle: dreaming", "lifecycle must be one of planning"),
    ],
)
def test_a_wrong_value_is_named_with_its_line_and_the_default_stays(line: str, reason: str) -> None:
    found = read_front_matter("a.md", f"---\nmodule: tasks\n{line}\n---\nBody")
    (only,) = found.problems
    assert only.line == 3
    assert reason in only.reason
    assert found.metadata == Metadata(module="tasks")


def test_the_body_begins_after_the_front_matter() -> None:
    assert read_front_matter("a.md", "---\ntitle: A\n---\n\nBody").body_line == 4
    assert read_front_matter("a.md", "Body").body_line == 1
    assert read_front_matter("a.md", "---\ntitle: A\n...\nBody").body == "Body"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Text",
        "---",
        "---\n\nA ruler first\n\n---\n\nText",
        "---\n- a: list\n---\n\nText",
        "----\ntitle: A\n----\n",
        "\n\n---\n\nA ruler first\n\n---\n\nText",
        "\n\nText\n\n---\ntitle: A\n---\n",
        "--- a\n---\n",
    ],
)
def test_a_document_without_front_matter_is_all_body(text: str) -> None:
    found = read_front_matter("a.md", text)
    assert (found.metadata, found.body, found.problems) == (Metadata(), text, ())


@pytest.mark.parametrize("above", ["\n", "\ufeff", "\ufeff\n", "\n \t\n\n", "\n\ufeff"])
def test_what_is_not_seen_may_stand_above(above: str) -> None:
    text = f"{above}---\naudience: internal\nreviewed: soon\n---\nBody"
    found = read_front_matter("a.md", text)
    assert (found.metadata, found.body) == (Metadata(audience="internal"), "Body")
    lines_above = above.count("\n")
    assert found.body_line == 5 + lines_above
    assert [problem.line for problem in found.problems] == [3 + lines_above]


def test_toml_is_read_too() -> None:
    found = read_front_matter("a.md", '+++\ntitle = "A"\nreviewed = 2026-08-05\n+++\nBody')
    assert found.metadata == Metadata(title="A", reviewed=date(2026, 8, 5))
    assert found.body == "Body"


@pytest.mark.parametrize(
    ("lines", "line", "reason"),
    [
        (["title: a", "b: c: d"], 3, "invalid YAML (mapping values are not allowed"),
        (["title: [a"], None, "invalid YAML"),
        (["title: 'a"], None, "invalid YAML"),
        (["a: &x [1]", "b: *x"], 3, "YAML aliases are not allowed"),
        (["a: !!python/object/apply:os.system [ls]"], 2, "YAML tags are not allowed"),
        (["a: " + "[" * (MAX_DEPTH + 1)], 2, "nested deeper than 10"),
        (["a: " + "[" * 3000], 2, "nested deeper than 10"),
        (["a: " + "b" * MAX_CHARACTERS], 1, "longer than 64 KB"),
        (["a: b", "- c"], 3, "invalid YAML"),
        (['"a: b"'], 2, "not a list of keys and values"),
    ],
)
def test_unreadable_front_matter_is_a_problem_and_the_body_stays(
    lines: list[str], line: int | None, reason: str
) -> None:
    found_line, found_reason = problem(*lines)
    assert reason in found_reason
    assert line is None or found_line == line


def test_invalid_toml_is_a_problem() -> None:
    found = read_front_matter("a.md", "+++\ntitle = \n+++\nBody")
    assert "invalid TOML" in found.problems[0].reason
    assert found.body == "Body"


def test_front_matter_that_is_never_closed_ends_at_the_first_blank_line() -> None:
    found = read_front_matter("a.md", "---\ntitle: A\nowner: b\n\n# Heading\n")
    assert "never closed" in found.problems[0].reason
    assert (found.body, found.body_line) == ("\n# Heading\n", 4)


@pytest.mark.parametrize(
    ("text", "audience"),
    [
        ("---\naudience: internal\nb: c: d\n---\nBody", "internal"),
        ("---\n'audience' : \"Internal\"\nb: c: d\n---\nBody", "internal"),
        ("---\n{audience: internal, b: [}\n---\nBody", "internal"),
        ("---\naudience: internal\n\nBody", "internal"),
        ("---\naudience: staff only\n---\nBody", "internal"),
        ("---\naudience: [internal]\n---\nBody", "internal"),
        ("---\naudiance: internal\n---\nBody", "internal"),
        ("---\nAudience: Internal\n---\nBody", "internal"),
        ("---\naudiance: [internal]\n---\nBody", "internal"),
        ("---\naudience: public\naudiance: internal\n---\nBody", "internal"),
        ("---\naudiance: internal\nb: c: d\n---\nBody", "internal"),
        ("\n---\naudience: internal\nb: c: d\n---\nBody", "internal"),
        ('+++\naudiance = "internal"\n+++\nBody', "internal"),
        ("---\naudience: public\nb: c: d\n---\nBody", "public"),
        ("---\naudiance: public\nb: c: d\n---\nBody", "public"),
        ("---\nb: c: d\n---\nBody", "public"),
    ],
)
def test_what_may_be_internal_never_becomes_public_by_a_mistake(text: str, audience: str) -> None:
    found = read_front_matter("a.md", text)
    assert found.metadata.audience == audience
    assert found.problems
