import gzip
import re
from pathlib import Path

import pytest

from bot.channels.widget.bundle import join_modules
from bot.channels.widget.pages import SCRIPT, STATIC, SUPPORT

MAX_GZIP_BYTES = 20_000


def write(folder: Path, **sources: str) -> Path:
    for name, source in sources.items():
        (folder / f"{name}.js").write_text(source, "utf-8")
    return folder / "entry.js"


def test_a_module_stands_behind_what_it_imports(tmp_path: Path) -> None:
    entry = write(
        tmp_path,
        entry='import { a } from "./a.js";\nimport {\n  b,\n} from "./b.js";\n\na(b);\n',
        a='import { b } from "./b.js";\nexport function a() {\n  return b;\n}\n',
        b="export const b = 1;\n",
    )
    assert join_modules(entry) == "const b = 1;\nfunction a() {return b;}\na(b);"


def test_what_the_entry_exports_stays_exported(tmp_path: Path) -> None:
    entry = write(
        tmp_path, entry='import "./a.js";\nexport class B {}\n', a="export const a = 1;\n"
    )
    assert join_modules(entry) == "const a = 1;\nexport class B {}"


def test_comments_and_indentation_go_and_texts_stay(tmp_path: Path) -> None:
    entry = write(
        tmp_path,
        entry='// why\nconst url = "https://example.com"; // where\n\n  // more\n  open(url);\n',
    )
    assert join_modules(entry) == 'const url = "https://example.com";open(url);'


def test_one_name_for_two_things_is_refused(tmp_path: Path) -> None:
    entry = write(
        tmp_path, entry='import "./a.js";\nfunction open() {}\n', a="export const open = 1;\n"
    )
    with pytest.raises(ValueError, match="names given twice: open"):
        join_modules(entry)


def test_modules_in_a_circle_are_refused(tmp_path: Path) -> None:
    entry = write(tmp_path, entry='import "./a.js";\n', a='import "./entry.js";\n')
    with pytest.raises(ValueError, match=r"entry\.js imports itself, by way of a\.js"):
        join_modules(entry)


def test_the_widget_is_small_and_needs_nothing_else() -> None:
    assert len(gzip.compress(SCRIPT.content, mtime=0)) < MAX_GZIP_BYTES
    source = SCRIPT.content.decode()
    assert "import " not in source
    assert "innerHTML" not in source
    assert not re.search(r"(^|\s)//", source)  # a comment would hide what is joined to its line


@pytest.mark.parametrize("entry", ["widget", "support"])
def test_every_module_is_part_of_its_entry(entry: str) -> None:
    """None is left over: each is found through the imports of the entry."""
    sources = {path: path.read_text("utf-8") for path in (STATIC / entry).glob("*.js")}
    everything = "".join(sources.values()) + (STATIC / f"{entry}.js").read_text("utf-8")
    assert {path for path in sources if f'/{path.name}"' in everything} == set(sources)


def test_what_comes_with_a_person_is_loaded_by_name() -> None:
    source = SUPPORT.content.decode()
    assert "import " not in source
    assert re.findall(r"export (\w+ \w+)", source) == ["class Support"]
    assert "widget-support.js" in SCRIPT.content.decode()
