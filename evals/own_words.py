"""The bot's own words, as the prompt files have them: what may surround a quote, what may not leak.

Read from the files and not through the bot, so that a mistake there is seen here.
"""

import re
import tomllib
from pathlib import Path
from string import Template
from typing import Any

from bot.domain.conversation import Locale

SPOKEN_AROUND = frozenset({"answer", "empathy", "person"})  # acts said around a quote
ORDERS = frozenset({"system", "user"})  # entries that a chat model is told


class OwnWords:
    def __init__(self, folder: Path) -> None:
        self.orders: tuple[str, ...] = ()
        self._frames: dict[Locale, list[re.Pattern[str]]] = {locale: [] for locale in Locale}
        for file in sorted(folder.glob("*.toml")):
            act, _, locale = file.stem.rpartition(".")
            entries = tomllib.loads(file.read_text("utf-8"))
            told = {name for name in entries if name.rpartition("_")[2] in ORDERS}
            self.orders += tuple(text for name in sorted(told) for text in _texts(entries[name]))
            if act in SPOKEN_AROUND:
                said = (text for name in entries.keys() - told for text in _texts(entries[name]))
                self._frames[Locale(locale)].extend(map(_pattern, said))

    def frame(self, text: str, locale: Locale) -> str:
        """The paragraphs at the beginning that are the bot's own."""
        kept = []
        for paragraph in text.split("\n\n"):
            if not self._is_own(paragraph, locale):
                break
            kept.append(paragraph)
        return "\n\n".join(kept)

    def quoted(self, text: str, locale: Locale) -> str:
        """The paragraphs that are not the bot's own."""
        paragraphs = text.split("\n\n")
        return "\n\n".join(p for p in paragraphs if not self._is_own(p, locale))

    def _is_own(self, paragraph: str, locale: Locale) -> bool:
        plain = paragraph.strip().strip("*_> ")
        return any(pattern.fullmatch(plain) for pattern in self._frames[locale])


def _texts(value: Any) -> list[str]:
    return [text.strip() for text in (value if isinstance(value, list) else [value])]


def _pattern(template: str) -> re.Pattern[str]:
    names = Template(template).get_identifiers()
    plain = Template(template).substitute({name: "\0" for name in names})
    return re.compile(".+?".join(map(re.escape, plain.strip("*_> ").split("\0"))), re.DOTALL)
