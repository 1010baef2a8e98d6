"""Other words for what a sentence says: by rule, so that the meaning is known to be the same."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from bot.domain.conversation import Locale

_BOOK = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
_SYNONYMS: Mapping[str, Mapping[str, str]] = _BOOK["synonyms"]
_PARTICIPLES: Mapping[str, str] = _BOOK["participles"]
_NUMERALS: Mapping[str, Sequence[str]] = _BOOK["numerals"]

_STOP = ".。!！;；"
_CONDITIONAL = re.compile(r"(?P<when>If|When|Once|After) (?P<a>[^,]{8,}), (?P<b>[^,]{8,})")
_TO_DO = re.compile(r"To (?P<a>[^,]{6,}), (?P<b>[a-z][^,]{6,})")
_YOU_CAN = re.compile(r"You can (?P<do>[a-z].+)")
_PASSIVE = re.compile(r"You can (?P<verb>[a-z]+) (?P<what>(?:the|a|an|your) [\w -]{3,40})")
_CUT = re.compile(
    r"(?P<head>[^,，]{12,}?)[,，]\s*(?!unless|except|but|if|only|or|and|除非|除了|但|否则|如果|或)[^,，]+",
    re.I,
)
_DEPENDENT = re.compile(
    r"if|when|once|after|before|as|to|in|with|by|for|while|unless|since|如果|若|当|在|由于|为了|因为|"
    r"通过|如|对于|除|一旦|只|没",
    re.I,
)
_FIGURE = re.compile(r"(?<![A-Za-z0-9.,:/-])(\d{1,2})(?=\s+[a-z]|\s*[个天周次名条])")
_DIGITS = re.compile(r"(?<![\w./:#-])\d+(?![\w./:-])|(?<=[\u4e00-\u9fff])\d+(?=[\u4e00-\u9fff])")
_MEANS = re.compile(
    r"(?<=[，,])(?:您|你)?可以(?=[\u4e00-\u9fff])|^(?:您|你)?可以(?=[\u4e00-\u9fff])"
)
_STEPS_AT_MOST = 4


def rewordings(sentence: str, following: str, locale: Locale) -> Iterator[tuple[str, str]]:
    """(rule, text) of every rule that applies; `following` is the next sentence or empty."""
    for name, rule in _RULES.items():
        text = rule(sentence, locale)
        if text and text != sentence:
            yield name, text
    yield "verbatim", sentence
    if following:
        yield "joined", _join(sentence, following, locale)


def list_to_sentence(items: Sequence[str], locale: Locale) -> str:
    """Steps or points in one sentence; empty where that makes none."""
    if not 2 <= len(items) <= _STEPS_AT_MOST or any(map(_is_unfit, items)):
        return ""
    plain = [item.rstrip(_STOP) for item in items]
    if locale is Locale.ZH:
        return "，再".join(plain) + "。"
    return ", then ".join([plain[0], *map(_lower, plain[1:])]) + "."


def _is_unfit(item: str) -> bool:
    return len(item) > 120 or bool(re.search(r"[:：?？.。]\s*\S", item)) or item[-1:] in ":："


def _join(sentence: str, following: str, locale: Locale) -> str:
    if locale is Locale.ZH:
        return f"{sentence.rstrip(_STOP)}，并且{following}"
    return f"{sentence.rstrip(_STOP)}, and {_lower(following)}"


def _lower(text: str) -> str:
    """A name keeps its capital."""
    return text[:1].lower() + text[1:] if re.match(r"[A-Z][a-z]* [a-z]", text) else text


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _use_synonyms(sentence: str, locale: Locale) -> str:
    for word, other in _SYNONYMS[locale].items():
        if locale is Locale.ZH:
            sentence = sentence.replace(word, other)
            continue
        sentence = re.sub(rf"\b{word}\b", other, sentence)
        sentence = re.sub(rf"^{_upper(word)}\b", _upper(other), sentence)
    return sentence


def _spell_numbers(sentence: str, locale: Locale) -> str:
    def spell(match: re.Match[str]) -> str:
        names = _NUMERALS.get(match[1])
        return names[locale is Locale.ZH] if names else match[1]

    return _FIGURE.sub(spell, sentence)


def _widen_digits(sentence: str, locale: Locale) -> str:
    return _DIGITS.sub(lambda m: "".join(chr(ord(c) + 0xFEE0) for c in m[0]), sentence)


def _cut(sentence: str, locale: Locale) -> str:
    found = _CUT.fullmatch(sentence.rstrip(_STOP))
    if not found or _DEPENDENT.match(found["head"]):
        return ""
    return found["head"] + ("。" if locale is Locale.ZH else ".")


def _move_condition(sentence: str, locale: Locale) -> str:
    found = _CONDITIONAL.fullmatch(sentence.rstrip(_STOP))
    return f"{_upper(found['b'])} {found['when'].lower()} {found['a']}." if found else ""


def _move_purpose(sentence: str, locale: Locale) -> str:
    found = _TO_DO.fullmatch(sentence.rstrip(_STOP))
    return f"{_upper(found['b'])} to {found['a']}." if found else ""


def _make_impersonal(sentence: str, locale: Locale) -> str:
    if locale is Locale.ZH:
        return _MEANS.sub("能够", sentence, count=1)
    found = _YOU_CAN.fullmatch(sentence)
    return f"It is possible to {found['do']}" if found else ""


def _make_passive(sentence: str, locale: Locale) -> str:
    if locale is Locale.ZH:
        return sentence.replace("将", "把", 1) if re.search("将.{1,20}[到为至]", sentence) else ""
    found = _PASSIVE.fullmatch(sentence.rstrip(_STOP))
    participle = _PARTICIPLES.get(found["verb"]) if found else None
    return f"{_upper(found['what'])} can be {participle}." if found and participle else ""


_RULES: Mapping[str, Callable[[str, Locale], str]] = {
    "other words": _use_synonyms,
    "spelled numbers": _spell_numbers,
    "full-width digits": _widen_digits,
    "shortened": _cut,
    "condition moved": _move_condition,
    "purpose moved": _move_purpose,
    "impersonal": _make_impersonal,
    "voice": _make_passive,
}
