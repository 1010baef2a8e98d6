"""The table of settings in each README, made from the settings themselves: `make docs`.

The Chinese meanings are written by hand in the Chinese table and kept when it is made anew; a new
setting stands there in English until somebody translates it.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from bot.settings import settings_table

ROOT = Path(__file__).parents[1]
HEADINGS: Mapping[str, str] = {
    "README.md": "| variable | default | meaning |",
    "README.zh-CN.md": "| 环境变量 | 默认值 | 含义 |",
}
EMPTY = frozenset({"", "()", "None"})
TRANSLATED = frozenset({"README.zh-CN.md"})

_TABLE = re.compile(r"(?<=<!-- settings:begin -->\n).*?(?=<!-- settings:end -->)", re.DOTALL)
_ROW = re.compile(r"^\| `(?P<variable>FIRSTLINE_\w+)` \|[^|]*\| (?P<meaning>.*) \|$", re.MULTILINE)


def fill(name: str, text: str) -> str:
    """The README `name` with its table as it has to be; raises ValueError without its markers."""
    if len(_TABLE.findall(text)) != 1:
        raise ValueError(f"{name} needs the markers settings:begin and settings:end, once")
    translations = meanings_in(text) if name in TRANSLATED else {}
    rows = [
        f"| `{row['variable']}` | {_code(row['default'])} | "
        f"{translations.get(row['variable'], _meaning(row['meaning']))} |"
        for row in settings_table()
    ]
    table = "\n".join((HEADINGS[name], "|---|---|---|", *rows, ""))
    return _TABLE.sub(lambda _: table, text)


def meanings_in(text: str) -> Mapping[str, str]:
    """What the table in a README says of each variable."""
    return {row["variable"]: row["meaning"] for row in _ROW.finditer(text)}


def _code(default: str) -> str:
    return "" if default in EMPTY else f"`{default}`"


def _meaning(description: str) -> str:
    return description.removesuffix(".").replace("|", "\\|")


def main() -> None:
    for name in HEADINGS:
        path = ROOT / name
        path.write_text(fill(name, path.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
