"""The READMEs and guides say what is: links lead somewhere, and what they name exists."""

import re
import shlex
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from urllib.parse import unquote

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from typer.testing import CliRunner

from bot import cli
from bot.adapters.prometheus import Figures
from bot.app import create_app
from bot.bootstrap import build_verifier
from bot.channels.widget.pages import STATIC
from bot.domain.customer import Customer, RefusalReason, Tier
from bot.ports import IndexStatus
from bot.settings import load_settings, settings_table
from docs import settings_tables
from ingest.parsing import slugify
from tests.fakes import FakeBot

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.zh-CN.md")
GUIDES = tuple(sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")))
PAGES = (*READMES, *GUIDES, "CONTRIBUTING.md", "CHANGELOG.md")
LARGEST_PICTURE_BYTES = 250_000

# Not settings: where development data and test servers are.
OTHER_VARIABLES = re.compile("FIRSTLINE_(DEV_DATA|TEST_.+)")

ADDRESS = re.compile(r'(?:src|srcset|href)="([^"]+)"')
INLINE_COMMAND = re.compile(r"`((?:make|firstline) [^`]+)`")
ROUTE = re.compile(r"`(GET|POST) (/[^`]+)`")


def read(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


def tokens(page: str) -> Iterator[Token]:
    for token in MarkdownIt("gfm-like", {"linkify": False}).parse(read(page)):
        yield token
        yield from token.children or ()


def links(page: str) -> Iterator[str]:
    for token in tokens(page):
        if token.type == "html_block":
            yield from ADDRESS.findall(token.content)
        address = token.attrGet("href") or token.attrGet("src")
        if address:
            yield str(address)


def anchors(page: str) -> set[str]:
    return {slugify(heading) for heading in re.findall("^#+ (.+)$", prose(page), re.MULTILINE)}


def prose(page: str) -> str:
    """Without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", read(page), flags=re.MULTILINE | re.DOTALL)


def samples(page: str, language: str) -> list[str]:
    """Their lines are whole: what a backslash continues is one line."""
    found = [t.content for t in tokens(page) if t.type == "fence" and t.info == language]
    return [re.sub(r"\\\n *", "", content) for content in found]


def commands(page: str) -> Iterator[list[str]]:
    """As somebody would type them, without what a comment says."""
    lines = [line[2:] for each in samples(page, "console") for line in each.splitlines()
             if line.startswith("$ ")]  # fmt: skip
    lines += [line for each in samples(page, "bash") for line in each.splitlines()]
    lines += INLINE_COMMAND.findall(prose(page))
    for line in lines:
        yield shlex.split(line, comments=True)


def is_broken(page: str, link: str) -> bool:
    """Addresses on the web are not visited."""
    if re.match(r"\w+:", link):
        return False
    path, _, anchor = unquote(link).partition("#")
    target = (ROOT / page).parent / path if path else ROOT / page
    if not target.exists():
        return True
    return bool(anchor) and anchor not in anchors(target.resolve().relative_to(ROOT).as_posix())


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files_and_headings_that_exist(page: str) -> None:
    assert [link for link in links(page) if is_broken(page, link)] == []


@pytest.mark.parametrize("page", READMES)
def test_a_readme_shows_the_demo_for_both_themes(page: str) -> None:
    pictures = [link for link in links(page) if re.search(r"demo\.\w+\.\w+\.png$", link)]
    assert [link.split(".")[-2] for link in pictures] == ["dark", "light"]


def test_pictures_are_small_and_all_are_shown() -> None:
    pictures = list((ROOT / "docs" / "pictures").iterdir())
    assert [p.name for p in pictures if p.stat().st_size > LARGEST_PICTURE_BYTES] == []
    shown = {Path(link).name for page in PAGES for link in links(page)}
    assert [p.name for p in pictures if p.name not in shown] == []


@pytest.mark.parametrize("page", PAGES)
def test_make_targets_exist(page: str) -> None:
    known = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    named = {word for words in commands(page) if words[:1] == ["make"]
             for word in words[1:] if "=" not in word}  # fmt: skip
    assert named - known == set()


@pytest.mark.parametrize("page", PAGES)
def test_commands_are_accepted(page: str) -> None:
    for words in commands(page):
        if words and words[0].rpartition("/")[2] == "firstline":
            result = CliRunner().invoke(cli.app, [*words[1:], "--help"])
            assert result.exit_code == 0, f"{' '.join(words)}: {result.output}"


@pytest.mark.parametrize("page", PAGES)
def test_variables_are_settings(page: str) -> None:
    known = {row["variable"] for row in settings_table()}
    named = set(re.findall(r"\bFIRSTLINE_\w+[A-Z]\b", read(page)))
    assert [name for name in named - known if not OTHER_VARIABLES.fullmatch(name)] == []


@pytest.mark.parametrize("page", PAGES)
def test_no_page_names_the_folders_of_a_machine(page: str) -> None:
    assert re.findall(r"/(?:root|home|Users|work)/\S+", read(page)) == []


@pytest.mark.parametrize("page", READMES)
def test_the_table_of_settings_is_current(page: str) -> None:
    assert read(page) == settings_tables.fill(page, read(page)), "run: make docs"


def test_every_setting_is_explained_in_chinese() -> None:
    meanings = settings_tables.meanings_in(read("README.zh-CN.md"))
    untranslated = [name for name, meaning in meanings.items() if not re.search("[一-鿿]", meaning)]
    assert len(meanings) == len(settings_table())
    assert untranslated == [], "translate their meanings in README.zh-CN.md"


def test_a_table_made_anew_keeps_translations() -> None:
    text = "<!-- settings:begin -->\n| `FIRSTLINE_HOME` | `x` | 目录 |\n<!-- settings:end -->\n"
    filled = settings_tables.meanings_in(settings_tables.fill("README.zh-CN.md", text))
    assert filled["FIRSTLINE_HOME"] == "目录"
    assert filled["FIRSTLINE_WEB__PORT"] == "Port the server listens on"


def test_without_markers_nothing_is_filled_in() -> None:
    with pytest.raises(ValueError, match="markers"):
        settings_tables.fill("README.md", "# No table\n")


@pytest.mark.parametrize("page", READMES)
def test_routes_exist(page: str) -> None:
    specified = create_app(FakeBot()).openapi()["paths"]
    shapes = {re.sub(r"\{\w+\}", "{}", path): set(methods) for path, methods in specified.items()}
    named = [(method.lower(), path) for method, path in ROUTE.findall(read(page))
             if path.startswith("/v1/")]  # fmt: skip
    assert len(named) >= 8
    for method, path in named:
        assert method in shapes.get(re.sub(r"\{\w+\}", "{}", path), ()), path


@pytest.mark.parametrize("page", [page for page in GUIDES if "operations" in page])
def test_figures_and_reasons_exist(page: str) -> None:
    figures = Figures(lambda: IndexStatus(None))
    figures.count_turn("answer", 0.1, {"act": 0.1})
    exposed = figures.exposition().decode()
    named = set(re.findall(r"`(firstline_\w+)`", read(page)))
    assert named
    assert [name for name in named if f"# TYPE {name} " not in exposed] == []
    assert [reason for reason in RefusalReason if f"`{reason}`" not in read(page)] == []


@pytest.mark.parametrize("page", [page for page in GUIDES if "embedding" in page])
def test_attributes_and_properties_of_the_widget_are_all_named(page: str) -> None:
    entry = (STATIC / "widget.js").read_text("utf-8")
    styles = (STATIC / "widget" / "styles.js").read_text("utf-8")
    attributes = {f"data-{name}" for name in re.findall(r"dataset\.(\w+)", entry)}
    attributes |= set(re.findall(r"\[(data-theme)=", styles))
    assert set(re.findall(r"^\| `(data-\w+)`", read(page), re.MULTILINE)) == attributes
    properties = set(re.findall(r"var\((--firstline-[\w-]+)", styles))
    assert set(re.findall(r"^\| `(--firstline-[\w-]+)`", read(page), re.MULTILINE)) == properties


@pytest.mark.parametrize("page", [page for page in GUIDES if "embedding" in page])
def test_the_example_signs_a_token_that_is_believed(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRSTLINE_IDENTITY__SECRET", "a-secret-of-32-random-characters")
    file = tmp_path / "signing.py"
    file.write_text("".join(samples(page, "python")), "utf-8")
    spec = spec_from_file_location("signing", file)
    assert spec is not None
    assert spec.loader is not None
    signing = module_from_spec(spec)
    spec.loader.exec_module(signing)
    verifier = build_verifier(load_settings())
    assert verifier is not None
    customer = verifier.verify(signing.sign_identity("u-1", "Mei Lin", "mei@example.com"))
    assert isinstance(customer, Customer)
    assert (customer.id, customer.name, customer.tier) == ("u-1", "Mei Lin", Tier.PREMIUM)
