"""What can be compared exactly: numbers with units, dates, times, codes and addresses in a text."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from decimal import Decimal

from bot.services.language import simplify

Fact = tuple[str, ...]

_UNITS = {
    "second": "s sec secs second seconds 秒钟 秒",
    "minute": "min mins minute minutes 分钟",
    "hour": "h hr hrs hour hours 个小时 小时",
    "day": "d day days 天 日",
    "workday": "workday workdays 个工作日 工作日",
    "week": "week weeks 个星期 星期 个礼拜 周",
    "month": "month months 个月",
    "year": "yr yrs year years 年",
    "kb": "kb kib",
    "mb": "mb mib",
    "gb": "gb gib",
    "tb": "tb tib",
    "pixel": "px pixel pixels 像素",
    "percent": "% percent",
    "usd": "$ us$ usd dollar dollars 美元 美金",
    "cny": "¥ cny rmb yuan 元 块钱 人民币",
    "eur": "€ eur euro euros 欧元",
    "gbp": "£ gbp",
}
_UNIT_OF = {alias: unit for unit, aliases in _UNITS.items() for alias in aliases.split()}
UNITS = frozenset(alias for alias in _UNIT_OF if alias.isascii() and alias.isalpha())
_ZEROS = {"k": 3, "thousand": 3, "千": 3, "万": 4, "million": 6, "百万": 6, "亿": 8, "billion": 9}
_MONTH_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec"
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES.split(), 1)}
_NUMBER_NAMES = """
one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen twenty
"""
_TENS = {"thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "ninety": "90"}
_SPELLED = {name: str(number) for number, name in enumerate(_NUMBER_NAMES.split(), 1)} | _TENS
_HAN_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2}
_HAN_PLACES = {"十": 10, "百": 100, "千": 1000}


def _any_of(words: dict[str, object]) -> str:
    """Longest first; one that ends in a Latin letter must not run on into another."""
    ordered = sorted(words, key=len, reverse=True)
    return "|".join(re.escape(w) + ("(?![a-z])" if w[-1].isascii() else "") for w in ordered)


_UNIT = rf"(?P<unit>business\ days?|working\ days?|per\ cent|{_any_of(dict(_UNIT_OF))})"
_HAN_NUMERAL = "[零一二两三四五六七八九十百千]{1,12}"
# Every pattern is linear in the text, whoever wrote it: runs are bounded or begin in one place.
_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]{0,30}:)?//[^\s<>\"`，。；、！？）】」』”]+"
    r"|(?<![a-z0-9._%+-])[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+"
    r"|(?<![a-z0-9.-])[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}(?![a-z0-9])"
    r"(?:[/:?#][^\s<>\"`，。；、！？）】」』”]*)?",
    re.IGNORECASE | re.ASCII,
)
_SCHEME_OR_MENTION = re.compile(
    r"(?<![a-z0-9])[a-z][a-z0-9+.-]{0,30}:(?=[!-~])[^\s*，。；：！？、（）]+|(?<![\w.])@[a-z][\w.-]*",
    re.IGNORECASE | re.ASCII,
)
_MONTH = r"(?P<name>(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*)\.?"
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<!\d)(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?![\d.])",
        r"(?:(?<!\d)(?P<y>\d{4})\s*年\s*)?(?<!\d)(?P<m>\d{1,2})\s*月(?:\s*(?P<d>\d{1,2})\s*[日号])?",
        rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}(?:,?\s+(?P<y>\d{{4}}))?\b",
        rf"\b{_MONTH}\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,?\s+(?P<y>\d{{4}}))?\b",
        rf"\b{_MONTH}\s+(?P<y>\d{{4}})\b",
    )
)
_TIME = re.compile(r"(?<!\d)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?!\d)")
_CODE = re.compile(
    r"(?<![a-z0-9])[a-z][a-z_-]{0,30}\d[a-z0-9_-]*(?:\.\d+)*", re.IGNORECASE | re.ASCII
)
_NUMBER = re.compile(
    r"(?:(?P<currency>us\$|usd|cny|rmb|eur|gbp|[$€£¥])\s*)?"
    r"(?<![a-z0-9_])(?P<number>\d+(?:,\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)*)(?:st|nd|rd|th)?"
    rf"(?:\s*(?P<zeros>{_any_of(dict(_ZEROS))}))?"
    rf"(?:[\s-]?{_UNIT}|(?P<glued>[a-z][a-z0-9]*))?",
    re.IGNORECASE | re.ASCII,
)
_SPELLED_QUANTITY = re.compile(
    rf"(?:\b(?P<word>{'|'.join(_SPELLED)})\b[\s-]+|(?P<han>{_HAN_NUMERAL})\s*){_UNIT}",
    re.IGNORECASE,
)
_SPELLED_NUMBER = re.compile(
    rf"\b(?P<word>{'|'.join(_SPELLED)})\b|(?P<han>{_HAN_NUMERAL})", re.IGNORECASE
)
_PERCENT = re.compile(rf"百分之\s*(?:(?P<number>\d[\d.]*)|(?P<han>{_HAN_NUMERAL}))")
_HAN_COUNT = re.compile(
    rf"(?P<han>{_HAN_NUMERAL})(?=\s*[个种次条名步项类张份台位页行列部天年周点层组])"
)
_WORD_COUNT = re.compile(rf"\b(?P<word>{'|'.join(_SPELLED)})\b", re.IGNORECASE)
# Ends an address, which its ASCII form would not; inside of a number it stays a separator.
_FULL_WIDTH_STOP = re.compile(r"[，。；：！？、（）](?!\d)")
_TRAILING = ".,;:!?*_`'\"’”)]"


def stated(text: str) -> frozenset[Fact]:
    """Facts that a text claims; `("number", value, unit)` has the unit "" when none is known."""
    return frozenset(_Reading(text).facts)


def known(text: str) -> frozenset[Fact]:
    """Facts of a source, and the weaker ones that follow from them: a date knows its month."""
    facts = set(_Reading(text).facts) | set(_Reading(re.sub(r"[()]", " ", text)).facts)
    facts |= {("number", _value(match), "") for match in _SPELLED_NUMBER.finditer(text)}
    for fact in tuple(facts):
        facts |= set(_implied(fact))
    return frozenset(facts)


def is_supported(fact: Fact, sources: frozenset[Fact]) -> bool:
    """A number whose unit the source leaves open (a table cell) supports every unit."""
    if fact[0] != "number":
        return fact in sources
    kind, value, unit = fact
    return fact in sources or (kind, value, "" if unit else "any") in sources


def write_figures(text: str) -> str:
    """Spelled numbers as figures, except for one, which seldom counts anything."""

    def write(match: re.Match[str]) -> str:
        value = _value(match)
        return match[0] if value == "1" else f" {value} "

    return _HAN_COUNT.sub(write, _WORD_COUNT.sub(write, text))


class _Reading:
    """One pass over a text, most specific patterns first; what was read is blanked out."""

    def __init__(self, text: str) -> None:
        self.facts: list[Fact] = [
            ("address", match[0].rstrip(_TRAILING)) for match in _SCHEME_OR_MENTION.finditer(text)
        ]
        self._rest = simplify(_normalise(text))
        self._take(_ADDRESS, _address)
        for pattern in _DATES:
            self._take(pattern, _date)
        self._take(_TIME, lambda m: ("time", str(int(m["hour"])), m["minute"]))
        self._rest = re.sub(r"(?<![A-Za-z])[vV](?=\d)", "", self._rest)
        self._take(_CODE, lambda m: ("code", m[0].lower()))
        self._take(_SPELLED_QUANTITY, _spelled)
        self._take(_NUMBER, _number)

    def _take(self, pattern: re.Pattern[str], read: Callable[[re.Match[str]], Fact | None]) -> None:
        def blank(match: re.Match[str]) -> str:
            fact = read(match)
            if fact is not None:
                self.facts.append(fact)
            return " "

        self._rest = pattern.sub(blank, self._rest)


def _normalise(text: str) -> str:
    """Compatibility forms and the digits of every script become ASCII ones; 百分之五 becomes 5%."""
    folded = unicodedata.normalize("NFKC", _FULL_WIDTH_STOP.sub(r"\g<0> ", text))
    digits = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in folded)
    return _PERCENT.sub(lambda m: f"{m['number'] or _han_value(m['han'])}%", digits)


def _address(match: re.Match[str]) -> Fact:
    return ("address", match[0].rstrip(_TRAILING))


def _date(match: re.Match[str]) -> Fact:
    found = match.groupdict()
    name = found.get("name")
    month = _MONTHS[name[:3].lower()] if name else int(found["m"])
    day, year = found.get("d"), found.get("y")
    return ("date", year or "", str(month), str(int(day)) if day else "")


def _spelled(match: re.Match[str]) -> Fact | None:
    value = _value(match)
    # "One day" and 一天 seldom count anything.
    return None if value == "1" else ("number", value, _unit(match["unit"]))


def _number(match: re.Match[str]) -> Fact:
    number, glued = match["number"], match["glued"]
    if glued:
        return ("code", f"{number}{glued}".lower())
    unit = _unit(match["unit"] or match["currency"] or "")
    return ("number", _plain(number.replace(",", ""), match["zeros"]), unit)


def _plain(number: str, zeros: str | None) -> str:
    """Without leading zeros or zeros after the point; a version keeps its parts."""
    if zeros and number.count(".") < 2 and len(number) < 20:
        number = f"{Decimal(number).scaleb(_ZEROS[zeros.lower()]):f}"
    whole, _, fraction = number.partition(".")
    fraction = fraction if "." in fraction else fraction.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{fraction}" if fraction else "")


def _unit(alias: str) -> str:
    alias = alias.lower()
    if alias.startswith(("business", "working")):
        return "workday"
    return _UNIT_OF.get(alias, "percent" if alias == "per cent" else alias)


def _value(match: re.Match[str]) -> str:
    named = match.groupdict()
    word = named.get("word")
    return _SPELLED[word.lower()] if word else str(_han_value(named["han"]))


def _han_value(numeral: str) -> int:
    """Up to 9,999; digits one after another (二零二六) are read as such."""
    if not any(c in _HAN_PLACES for c in numeral):
        return int("".join(str(_HAN_DIGITS[c]) for c in numeral))
    total, digit = 0, 0
    for character in numeral:
        if character in _HAN_PLACES:
            total += (digit or 1) * _HAN_PLACES[character]
            digit = 0
        else:
            digit = _HAN_DIGITS[character]
    return total + digit


def _implied(fact: Fact) -> Iterator[Fact]:
    match fact:
        case ("number", value, unit):
            yield ("number", value, "any")
            if unit == "workday":
                yield ("number", value, "day")
        case ("date", year, month, day):
            yield from (
                ("date", year, month, ""),
                ("date", "", month, day),
                ("date", "", month, ""),
            )
            for number in filter(None, (year, day)):
                yield from (("number", number, ""), ("number", number, "any"))
        case ("time", hour, _):
            yield from (("number", hour, ""), ("number", hour, "any"))
        case ("address", address):
            yield ("address", re.split(r"[^!-~]", address)[0].rstrip(_TRAILING))
        case _:
            pass
