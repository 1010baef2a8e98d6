"""The bot's own words, read from `<act>.<locale>.toml` files and checked before the first turn."""

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any
from zlib import crc32

from bot.domain.conversation import Locale
from bot.domain.errors import ConfigurationError

# Beside the packages, in a checkout as in an installation.
PROMPTS_FOLDER = Path(__file__).resolve().parents[2] / "prompts"

_OWN_PARAMETERS = frozenset({"act", "locale", "name"})  # of `text`: no value can be given for them

Variants = tuple[Template, ...]
Entries = Mapping[str, Variants]


class PromptFiles:
    """All entries of one folder; raises ConfigurationError unless both locales have the same."""

    def __init__(self, folder: Path = PROMPTS_FOLDER) -> None:
        self._folder = folder
        files = sorted(folder.glob("*.toml"))
        if not files:
            raise ConfigurationError(f"{folder}: no prompt files; expected <act>.<locale>.toml")
        self._entries: dict[tuple[str, Locale], Entries] = {}
        digest = hashlib.sha256()
        for file in files:
            content = _read(file)
            digest.update(f"{file.name}\0{len(content)}\0".encode() + content)
            self._entries[_key(file)] = _parse(file, content)
        self._digest = digest.hexdigest()
        self._check_locales()

    @property
    def digest(self) -> str:
        """SHA-256 over the names and contents of all files, in hexadecimal."""
        return self._digest

    def names(self, act: str, locale: Locale) -> Sequence[str]:
        """The entries of a file, in its order; none where there is no such file."""
        return tuple(self._entries.get((act, locale), ()))

    def text(self, act: str, locale: Locale, name: str, **values: str) -> str:
        """The entry with its `$names` filled in; `seed` chooses among variants, the same one again.

        Raises ConfigurationError when the entry or a value for one of its `$names` is missing.
        """
        variants = self.variants(act, locale, name, **values)
        return variants[crc32(values.get("seed", "").encode()) % len(variants)]

    def variants(self, act: str, locale: Locale, name: str, **values: str) -> Sequence[str]:
        """All of the entry, filled in; raises like `text`."""
        where = f"{self._folder / _file_name(act, locale)}: {name}"
        try:
            variants = self._entries[act, locale][name]
        except KeyError:
            raise ConfigurationError(f"{where}: no such entry") from None
        try:
            return [template.substitute(values) for template in variants]
        except KeyError as missing:
            raise ConfigurationError(f"{where}: no value for ${missing.args[0]}") from None

    def _check_locales(self) -> None:
        for act, locale in self._entries:
            here, there = _file_name(act, locale), _file_name(act, locale.other)
            if (act, locale.other) not in self._entries:
                raise ConfigurationError(f"{self._folder / there}: missing, {here} exists")
            twin = self._entries[act, locale.other]
            for name, variants in self._entries[act, locale].items():
                if name not in twin:
                    raise ConfigurationError(
                        f"{self._folder / there}: {name}: missing, {here} has it"
                    )
                _check_placeholders(variants, twin[name], f"{self._folder / there}: {name}", here)


def _file_name(act: str, locale: Locale) -> str:
    return f"{act}.{locale.value}.toml"


def _key(file: Path) -> tuple[str, Locale]:
    act, _, locale = file.stem.rpartition(".")
    if not act or locale not in set(Locale):
        raise ConfigurationError(f"{file}: the name must be <act>.<locale>.toml, locale zh or en")
    return act, Locale(locale)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{file}: {error.strerror}") from error


def _parse(file: Path, content: bytes) -> Entries:
    try:
        table = tomllib.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{file}: {error}") from error
    return {name: _variants(value, f"{file}: {name}") for name, value in table.items()}


def _variants(value: Any, where: str) -> Variants:
    texts = value if isinstance(value, list) else [value]
    if not texts or not all(isinstance(text, str) and text.strip() for text in texts):
        raise ConfigurationError(f"{where}: must be a text or a list of texts, none of them empty")
    templates = tuple(Template(text.strip()) for text in texts)
    for template in templates:
        if not template.is_valid():
            raise ConfigurationError(f"{where}: a lone $; write $$ for the sign itself")
        if taken := _OWN_PARAMETERS.intersection(template.get_identifiers()):
            raise ConfigurationError(f"{where}: ${min(taken)} cannot be a placeholder")
        _check_placeholders((template,), templates, where, "another variant")
    return templates


def _check_placeholders(some: Variants, others: Variants, where: str, source: str) -> None:
    expected = {name for template in some for name in template.get_identifiers()}
    for template in others:
        difference = expected.symmetric_difference(template.get_identifiers())
        if difference:
            names = ", ".join(f"${name}" for name in sorted(difference))
            raise ConfigurationError(f"{where}: {names} not in both this entry and {source}")
