"""The sample knowledge base: complete in both languages, and of one mind with its facts.yaml."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cache
from itertools import chain
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any

import pytest
import yaml

from ingest.article import Article, BlockKind
from ingest.documents import Document, discover
from ingest.glossary import read_glossary
from ingest.image_marks import addresses_in
from ingest.images import collect_images, references_in
from ingest.parsing import parse
from ingest.sentences import split_sentences

ROOT = Path(__file__).parents[1] / "knowledge_base"
LOCALES = ("en", "zh")
MODULES = frozenset(
    re.findall(
        r"\w+",
        """api automation billing boards collaboration gantt import_export integrations login
        members mobile notifications projects reports security sprints support tasks time
        troubleshooting""",
    )
)
PLANS = {
    "free": re.compile("Free|Basic|免费版|基础支持"),
    "team": re.compile("Team|Premium|团队版|高级支持"),
    "business": re.compile("Business|Enterprise|商业版|企业支持"),
}
# The words of the plan tables and the fact each stands for.
TABLE_LABELS = {
    "Price.*yearly|按年付": "plans.{plan}.price_{currency}",
    "Price.*monthly|按月付": "plans.{plan}.price_{currency}_monthly",
    "Members|成员数": "plans.{plan}.members",
    "Projects|项目数": "plans.{plan}.projects",
    "Storage|存储空间": "plans.{plan}.storage_gb",
    "attachment|附件": "{attachment}",
    "(?i)runs per month|自动化执行次数": "plans.{plan}.automation_runs_month",
    "(?i)requests per minute|每分钟": "plans.{plan}.api_requests_minute",
    "Version history|历史版本": "plans.{plan}.version_history_days",
    "First response|首次响应": "support.{tier}.first_response_hours",
}
TIERS = {"free": "basic", "team": "premium", "business": "enterprise"}
NUMBER = r"(?<![\d.])(\d+(?:\.\d+)?)"
WRONG = "7919"  # no fact has this value
DIGIT = re.compile(r"\d")
HAN = re.compile(r"[\u4e00-\u9fff]")
WORD = re.compile(r"[\u4e00-\u9fff]|[^\W_\u4e00-\u9fff]+")
CLAUSE_END = re.compile(r"[,;:，；、。：]|\band\b|\bor\b|和|与|或")
LINK = re.compile(r"\]\(([^)\s]+)\)")
SAME = 0.8  # how alike two passages may not be, as difflib measures it


@cache
def documents() -> Mapping[str, Document]:
    return {item.path: item for item in discover(ROOT) if isinstance(item, Document)}


@cache
def articles(locale: str) -> Mapping[str, Article]:
    """By the path below the language's folder, which twins share."""
    paths = [path for path in documents() if path.startswith(f"{locale}/")]
    return {path.removeprefix(f"{locale}/"): read(documents()[path]) for path in paths}


def article_at(path: str) -> Article:
    locale, _, own = path.partition("/")
    return articles(locale)[own]


def read(document: Document) -> Article:
    article, problems = parse(document)
    assert article is not None
    assert not problems
    return article


def every_article() -> Iterator[Article]:
    return chain.from_iterable(articles(locale).values() for locale in LOCALES)


def passages(article: Article) -> Iterator[str]:
    """Paragraphs, list items and table rows as they are read; code is left out."""
    for section in article.sections:
        for block in section.blocks:
            if block.kind is not BlockKind.CODE:
                yield from block.plain.splitlines()


def sentences(article: Article) -> Iterator[str]:
    """A table row counts as a sentence together with the header of its table."""
    for section in article.sections:
        for block in section.blocks:
            lines = block.plain.splitlines()
            if block.kind is BlockKind.TABLE:
                yield from (f"{lines[0]}: {line}" for line in lines[1:])
            elif block.kind is not BlockKind.CODE:
                yield from chain.from_iterable(map(split_sentences, lines))


def table_rows(article: Article) -> Iterator[tuple[list[str], list[str]]]:
    """(cells of the header, cells) for every row of every table."""
    for section in article.sections:
        for block in section.blocks:
            if block.kind is BlockKind.TABLE:
                header, _, *rows = [_cells(line) for line in block.markdown.splitlines()]
                yield from ((header, row) for row in rows)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|")]


@cache
def facts() -> Mapping[str, Any]:
    """By dotted key; what differs between the languages stays a mapping of locale to text."""
    return dict(_flatten("", yaml.safe_load((ROOT / "facts.yaml").read_text("utf-8"))))


def _flatten(prefix: str, value: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, dict) or set(value) == set(LOCALES):
        yield prefix, value
        return
    for key, inner in value.items():
        yield from _flatten(f"{prefix}.{key}".lstrip("."), inner)


def plans_of(fact: str) -> frozenset[str]:
    """The plans a fact holds for."""
    if fact.startswith("limits.attachment_mb"):
        return frozenset({"free"} if fact.endswith("free") else {"team", "business"})
    words = set(fact.split("."))
    named = {plan for plan, tier in TIERS.items() if words & {plan, tier}}
    return frozenset(named or PLANS)


@dataclass(frozen=True)
class Claim:
    """How sentences state some facts; see knowledge_base_claims.yaml."""

    facts: tuple[str, ...]
    article: str
    says: re.Pattern[str]
    about: re.Pattern[str]
    locales: tuple[str, ...]


@dataclass(frozen=True)
class Contradiction:
    sentence: str
    number: str
    claims: tuple[Claim, ...]  # none: no fact speaks about this


@cache
def claims() -> tuple[Claim, ...]:
    data = yaml.safe_load(Path(__file__).with_name("knowledge_base_claims.yaml").read_text("utf-8"))
    return tuple(_claim(entry, data["units"]) for entry in data["claims"])


def _claim(entry: Mapping[str, Any], units: Mapping[str, str]) -> Claim:
    names = [name.replace("*", plan) for name in entry["facts"] for plan in PLANS]
    says = units.get(entry["says"], entry["says"])
    return Claim(
        facts=tuple(dict.fromkeys(names)),
        article=f"{entry['article']}.md",
        says=re.compile(says.replace("N", NUMBER)),
        about=re.compile(entry.get("about", ""), re.I),
        locales=tuple(entry.get("locales", LOCALES)),
    )


def numbers(sentence: str, says: re.Pattern[str]) -> Iterator[tuple[str, int]]:
    """(number, position of the statement's end) of everything that is said in this way."""
    for match in says.finditer(sentence):
        yield from ((number, match.end()) for number in match.groups() if number)


def contradictions(article: Article) -> list[Contradiction]:
    """Numbers with a unit of the claims that no fact about the sentence's subject has."""
    ways = dict.fromkeys(claim.says for claim in claims() if article.locale in claim.locales)
    found = []
    for sentence in filter(DIGIT.search, sentences(article)):
        for says, (number, end) in ((s, n) for s in ways for n in numbers(sentence, s)):
            meant = tuple(c for c in claims() if c.says == says and c.about.search(sentence))
            plans = plans_named(sentence, end)
            if not any(_agrees(fact, number, plans) for c in meant for fact in c.facts):
                found.append(Contradiction(sentence, number, meant))
    return found


def _agrees(fact: str, number: str, plans: set[str]) -> bool:
    about_it = len(plans) != 1 or bool(plans & plans_of(fact))
    return about_it and number == str(facts()[fact])


def plans_named(sentence: str, position: int) -> set[str]:
    """In the clause in which the position lies."""
    start = max((m.end() for m in CLAUSE_END.finditer(sentence, 0, position)), default=0)
    after = CLAUSE_END.search(sentence, position)
    clause = sentence[start : after.start() if after else len(sentence)]
    return {plan for plan, name in PLANS.items() if name.search(clause)}


def states(article: Article, claim: Claim, fact: str) -> bool:
    spoken = (sentence for sentence in sentences(article) if claim.about.search(sentence))
    said = {number for sentence in spoken for number, _ in numbers(sentence, claim.says)}
    return str(facts()[fact]) in said


def with_wrong_number(document: Document, fact: str) -> Document:
    """A copy in which the fact's number is another one, wherever the body mentions it."""
    head, front_matter, body = document.text.split("---\n", 2)
    number = re.escape(str(facts()[fact]))
    body = re.sub(rf"(?<![\w.-]){number}(?![\d:-])", WRONG, body)
    return replace(document, text="---\n".join((head, front_matter, body)))


STATEMENTS = [
    pytest.param(claim, fact, locale, id=f"{locale}-{fact}")
    for claim in claims()
    for fact in claim.facts
    for locale in claim.locales
]


def test_every_file_is_read() -> None:
    assert len(list(discover(ROOT))) == len(documents()) == len(list(every_article()))


def test_every_article_exists_in_both_languages() -> None:
    assert set(articles("en")) == set(articles("zh"))


@pytest.mark.parametrize("locale", LOCALES)
def test_there_are_at_least_forty_public_articles(locale: str) -> None:
    assert sum(article.audience == "public" for article in articles(locale).values()) >= 40


def test_only_the_refund_rules_of_agents_are_internal() -> None:
    internal = {article.path for article in every_article() if article.audience == "internal"}
    assert internal == {f"{locale}/support/agent-refunds.md" for locale in LOCALES}


@pytest.mark.parametrize("path", documents())
def test_front_matter_is_complete(path: str) -> None:
    article = article_at(path)
    assert article.locale == path.split("/")[0]
    assert article.title
    assert article.module in MODULES
    assert article.owner
    assert article.reviewed
    assert article.review_by
    assert article.reviewed < article.review_by
    assert 3 <= len(article.questions) <= 5
    original = path.replace("zh/", "en/", 1) if article.locale == "zh" else None
    assert article.translation_of == original


def test_twins_agree_on_what_does_not_depend_on_the_language() -> None:
    for path, article in articles("en").items():
        twin = articles("zh")[path]
        assert (article.module, article.lifecycle) == (twin.module, twin.lifecycle), path


@pytest.mark.parametrize("locale", LOCALES)
def test_a_title_or_question_belongs_to_one_article(locale: str) -> None:
    named = [(a.title, *a.questions) for a in articles(locale).values()]
    counts = Counter(name.casefold() for name in chain.from_iterable(named))
    assert [name for name, count in counts.items() if count > 1] == []


def test_every_number_of_the_facts_has_a_claim() -> None:
    claimed = {fact for claim in claims() for fact in claim.facts}
    numeric = {key for key, value in facts().items() if isinstance(value, int | float)}
    unlimited = {key for key, value in facts().items() if value == "unlimited"}
    assert claimed - unlimited == numeric


@pytest.mark.parametrize(("claim", "fact", "locale"), STATEMENTS)
def test_a_fact_is_stated_with_its_unit(claim: Claim, fact: str, locale: str) -> None:
    assert states(articles(locale)[claim.article], claim, fact)


@pytest.mark.parametrize("path", documents())
def test_no_sentence_contradicts_a_fact(path: str) -> None:
    assert contradictions(article_at(path)) == []


@pytest.mark.parametrize(("claim", "fact", "locale"), STATEMENTS)
def test_a_wrong_number_is_found(claim: Claim, fact: str, locale: str) -> None:
    wrong = read(with_wrong_number(documents()[f"{locale}/{claim.article}"], fact))
    assert not states(wrong, claim, fact)
    assert any(claim in found.claims for found in contradictions(wrong))


@pytest.mark.parametrize(
    "sentence",
    [
        "Files on the Free plan may have up to 250 MB.",
        "团队版的附件上限是 25 MB。",
        "The Team plan allows 5 members and the Business plan 1000 members.",
        "A comet returns after 76 days.",
    ],
)
def test_a_number_of_another_plan_or_of_nothing_known_is_found(sentence: str) -> None:
    text = f"---\ntitle: Sizes\nlocale: en\n---\n{sentence}\n"
    assert len(contradictions(read(Document("en/sizes.md", text, "")))) == 1


def test_monthly_prices_are_the_yearly_ones_with_the_surcharge() -> None:
    factor = 1 + facts()["billing.monthly_surcharge_percent"] / 100
    monthly = [key for key in facts() if key.endswith("_monthly")]
    assert len(monthly) == 2 * len(PLANS)
    for key in monthly:
        assert facts()[key] == facts()[key.removesuffix("_monthly")] * factor


@pytest.mark.parametrize("locale", LOCALES)
def test_business_hours_are_stated(locale: str) -> None:
    text = "\n".join(passages(articles(locale)["support/support-tiers.md"]))
    assert facts()["support.business_days"][locale] in text
    assert facts()["support.business_hours_zone"][locale] in text
    ranges = re.findall(r"\d\d:\d\d ?[-–] ?\d\d:\d\d", "\n".join(map(_text, every_article())))
    assert set(ranges) == {facts()["support.business_hours"]}


def _text(article: Article) -> str:
    return "\n".join(passages(article))


def test_addresses_are_those_of_the_facts() -> None:
    keys = ("site", "app", "api_base", "status_page", "support_mail")
    known = {re.sub(r"^https://|/.*", "", facts()[key].replace("https://", "")) for key in keys}
    texts = [document.text for document in documents().values()]
    found = set(chain.from_iterable(re.findall(r"[\w@.-]*tideboard\.example", t) for t in texts))
    assert found == known
    bases = chain.from_iterable(re.findall(r"https://api\.[^/\s]+/\w+", text) for text in texts)
    assert set(bases) == {facts()["api_base"]}


def plan_cells(article: Article) -> Iterator[tuple[str, str, str]]:
    """(plan, label, cell), whether the plans are the columns of a table or its rows."""
    for header, row in table_rows(article):
        columns = [_plan(name) for name in header]
        if any(columns):
            yield from ((p, row[0], cell) for p, cell in zip(columns, row, strict=True) if p)
        elif plan := next(filter(None, map(_plan, row)), None):
            yield from ((plan, label, cell) for label, cell in zip(header, row, strict=True))


def _plan(cell: str) -> str | None:
    return next((plan for plan, name in PLANS.items() if name.fullmatch(cell)), None)


def fact_of_cell(plan: str, label: str, locale: str) -> str | None:
    key = next((key for words, key in TABLE_LABELS.items() if re.search(words, label)), "")
    attachment = "limits.attachment_mb_free" if plan == "free" else "limits.attachment_mb"
    currency = "usd" if locale == "en" else "cny"
    return key.format(plan=plan, tier=TIERS[plan], attachment=attachment, currency=currency) or None


def wrong_cells(article: Article) -> list[tuple[str, str, str]]:
    return [
        (plan, label, cell)
        for plan, label, cell in plan_cells(article)
        if re.findall(r"\d+(?:\.\d+)?", cell) != _expected(plan, label, article.locale)
    ]


def _expected(plan: str, label: str, locale: str) -> list[str]:
    fact = fact_of_cell(plan, label, locale)
    return [str(facts()[fact])] if fact and facts()[fact] != "unlimited" else []


def test_tables_of_plans_state_the_facts() -> None:
    assert {article.path: wrong_cells(article) for article in every_article()} == {
        article.path: [] for article in every_article()
    }


@pytest.mark.parametrize("locale", LOCALES)
def test_the_price_list_states_everything_that_depends_on_the_plan(locale: str) -> None:
    cells = plan_cells(articles(locale)["billing/plans-and-prices.md"])
    stated = {fact_of_cell(plan, label, locale) for plan, label, _ in cells} - {None}
    other = "cny" if locale == "en" else "usd"
    by_plan = {key for key in facts() if key.startswith("plans.") and f"_{other}" not in key}
    assert {fact for fact in stated if fact and fact.startswith("plans.")} == by_plan
    assert len(stated - by_plan) == 5  # two sizes of attachments, three response times


def test_company_sign_in_belongs_to_one_plan() -> None:
    assert facts()["account.saml_plan"] == facts()["account.scim_plan"]
    for locale in LOCALES:
        cells = plan_cells(articles(locale)["billing/plans-and-prices.md"])
        having = [plan for plan, label, cell in cells if "SAML" in label and cell in ("yes", "有")]
        assert having == [facts()["account.saml_plan"]]


def test_support_tiers_belong_to_the_plans_of_the_facts() -> None:
    assert {plan: facts()[f"support.{tier}.plan"] for plan, tier in TIERS.items()} == {
        plan: plan for plan in PLANS
    }


@pytest.mark.parametrize("number", ["16", "300", "1024", "730"])
def test_a_wrong_cell_is_found(number: str) -> None:
    document = documents()["en/billing/plans-and-prices.md"]
    text = re.sub(rf"(\| \$?){number}\b", rf"\g<1>{WRONG}", document.text)
    assert len(wrong_cells(read(replace(document, text=text)))) == 1


def near_duplicates(texts: Iterable[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """(path, path, passage) of passages of two articles that are nearly the same."""
    entries = list(texts)
    holders: dict[tuple[str, ...], list[int]] = defaultdict(list)
    candidates: set[tuple[int, int]] = set()
    for number, (path, text) in enumerate(entries):
        words = WORD.findall(text.casefold())
        for shingle in {tuple(words[i : i + 4]) for i in range(len(words) - 3)}:
            others = holders[shingle]
            candidates.update((other, number) for other in others if entries[other][0] != path)
            others.append(number)
    return [
        (entries[one][0], entries[other][0], entries[one][1])
        for one, other in sorted(candidates)
        if _is_like(entries[one][1], entries[other][1])
    ]


def _is_like(one: str, other: str) -> bool:
    matcher = SequenceMatcher(None, one.casefold(), other.casefold(), autojunk=False)
    quick = matcher.real_quick_ratio() >= SAME and matcher.quick_ratio() >= SAME
    return quick and matcher.ratio() >= SAME


def long_passages(locale: str) -> list[tuple[str, str]]:
    return [
        (article.path, passage)
        for article in articles(locale).values()
        for passage in passages(article)
        if len(HAN.findall(passage)) >= 30 or sum(map(str.isalpha, passage)) >= 60
    ]


@pytest.mark.parametrize("locale", LOCALES)
def test_no_passage_stands_in_two_articles(locale: str) -> None:
    assert near_duplicates(long_passages(locale)) == []


@pytest.mark.parametrize(("locale", "old", "new"), [("en", " the ", " a "), ("zh", "，", "；")])
def test_a_passage_copied_with_small_changes_is_found(locale: str, old: str, new: str) -> None:
    known = long_passages(locale)
    path, passage = next((path, text) for path, text in known if text.count(old) == 2)
    copy = ("elsewhere.md", passage.replace(old, new))
    assert near_duplicates([*known, copy]) == [(path, "elsewhere.md", passage)]


def broken_links(path: str, text: str) -> list[str]:
    """Targets that are no article or no heading; only articles of the same language count."""
    images = addresses_in(text)
    targets = [target for target in LINK.findall(text) if target not in images]
    return [target for target in targets if not _leads_somewhere(path, target)]


def _leads_somewhere(path: str, target: str) -> bool:
    if target.startswith(("https://", "mailto:")):
        return True
    locale, _, own = path.partition("/")
    file, _, anchor = target.partition("#")
    article = articles(locale).get(normpath(join(dirname(own), file)) if file else own)
    anchors = {section.anchor for section in article.sections} if article else set()
    return article is not None and (not anchor or anchor in anchors)


@pytest.mark.parametrize("path", documents())
def test_links_lead_to_articles_of_the_same_language(path: str) -> None:
    assert broken_links(path, documents()[path].text) == []


def test_broken_links_are_found() -> None:
    text = (
        "[a](boards.md) [b](boards.md#columns) [c](#convert) [d](no.md) [e](boards.md#no) [f](#no)"
    )
    text += " [g](../../zh/execution/boards.md)"
    expected = ["no.md", "boards.md#no", "#no", "../../zh/execution/boards.md"]
    assert broken_links("en/execution/subtasks.md", text) == expected


def test_every_image_is_there_has_words_and_a_twin() -> None:
    references = [r for article in every_article() for r in references_in(article)]
    images, problems = collect_images(ROOT, references)
    assert problems == []
    assert len(images.names) >= 4
    assert not any("![](" in document.text for document in documents().values())
    shown = {
        locale: {r.address for r in references if r.path.startswith(locale)} for locale in LOCALES
    }
    assert shown["en"] == shown["zh"]


def test_public_articles_do_not_lead_to_internal_ones() -> None:
    public = [a.path for a in every_article() if a.audience == "public"]
    assert [path for path in public if "agent-refunds" in documents()[path].text] == []


def test_english_articles_have_no_chinese_in_them() -> None:
    found = {a.path: HAN.findall(documents()[a.path].text) for a in articles("en").values()}
    assert not any(found.values()), found


@pytest.mark.parametrize("path", articles("zh"))
def test_chinese_articles_are_mainly_chinese(path: str) -> None:
    article = articles("zh")[path]
    text = "\n".join((article.title, *article.questions, *passages(article)))
    prose = re.sub(r"`[^`]*`|https?://\S+", "", text)
    assert len(HAN.findall(prose)) >= 0.75 * len(WORD.findall(prose))


def test_bold_print_closes_where_it_should() -> None:
    unclosed = [a.path for a in every_article() for text in passages(a) if "**" in text]
    assert unclosed == []


def test_the_glossary_is_read_without_a_problem() -> None:
    glossary, problems = read_glossary(ROOT)
    assert problems == []
    assert len(glossary.groups) >= 40


def test_each_group_of_the_glossary_speaks_both_languages() -> None:
    for group in glossary_groups():
        assert set(group) == set(LOCALES)
        assert all(group.values())
        assert all(isinstance(word, str) for words in group.values() for word in words)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_word_of_the_glossary_belongs_to_one_group(locale: str) -> None:
    words = Counter(word.casefold() for group in glossary_groups() for word in group[locale])
    assert [word for word, count in words.items() if count > 1] == []


def glossary_groups() -> list[dict[str, list[str]]]:
    groups: list[dict[str, list[str]]] = yaml.safe_load(
        (ROOT / "glossary.yaml").read_text("utf-8")
    )["terms"]
    return groups
