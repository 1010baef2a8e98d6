"""Answers that are wrong in one known way, made by rule from sentences that are right."""

import itertools
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from bot.domain.conversation import Locale
from bot.domain.knowledge import Passage

_BOOK = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
_NUMBER = re.compile(r"(?<![\w.,/:#-])\d+(?:[.,]\d+)*(?![\w/:-]|[.,]\d)|(?<=[\u4e00-\u9fff])\d+")
_HAN_NUMBER = re.compile(r"[二两三四五六七八九十](?=[个种天次条名步])")
_LABEL = re.compile(r"\*\*([^*\n]{2,40})\*\*|[【“「]([^】”」\n]{2,20})[】”」]")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][A-Za-z]+(?: [A-Z][a-z]+)*")
_MARKUP = re.compile(r"[*_`]")
# Between these a change of places changes nothing.
_LISTED = re.compile(
    r"[\s\"”“】【」「、,，/&和与或及]*(?:and|or|as well as|以及|并|还有)?[\s\"“【「]*", re.I
)
_ENDING = re.compile(r"\W+$")
_TERM_CHARACTERS = {Locale.EN: (3, 30), Locale.ZH: (2, 12)}
_TERM_WORDS = 3
# Bold or capitalised, and the names of nothing.
_NO_TERM = re.compile(
    r"(?:please )?note|notes?|important|tips?|hint|example|overview|introduction|faq|here|not|"
    r"do not|will|only|let|and|or|all|no|yes|new|the|this|that|if|by|warning|attention|off|on|"
    r"general|注意.*|提示|说明|示例|介绍|概述|简介|使用说明|常见问题|或|和|不|更多",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Corpus:
    """What a corruption may take its words from."""

    locale: Locale
    terms: tuple[str, ...]  # labels, names and titles
    sources: tuple[str, ...]  # all texts, in small letters

    @classmethod
    def of(cls, passages: Sequence[Passage], locale: Locale) -> "Corpus":
        spoken = [passage for passage in passages if passage.locale is locale]
        terms = (term for passage in spoken for term in _terms_of(passage))
        least, most = _TERM_CHARACTERS[locale]
        fit = (
            term
            for term in terms
            if least <= len(term) <= most
            and len(term.split()) <= _TERM_WORDS
            and not _NO_TERM.fullmatch(term)
        )
        texts = (_MARKUP.sub("", passage.text).casefold() for passage in spoken)
        return cls(locale, tuple(dict.fromkeys(fit)), tuple(texts))

    @classmethod
    def of_texts(cls, texts: Sequence[str], locale: Locale) -> "Corpus":
        """Of plain sentences: names are all that can be told from other words."""
        names = dict.fromkeys(name for text in texts for name in _NAME.findall(text))
        terms = (name for name in names if not _NO_TERM.fullmatch(name))
        return cls(locale, tuple(terms), tuple(text.casefold() for text in texts))

    def says(self, sentence: str) -> bool:
        """What stands somewhere is no corruption."""
        plain = _ENDING.sub("", sentence).casefold()
        return any(plain in source for source in self.sources)


def corruptions(sentence: str, corpus: Corpus, random: Random) -> Iterator[tuple[str, str]]:
    """(kind, text) of every way in which the sentence can be made wrong."""
    made = {
        "number": _change_number(sentence, random),
        "unit": _change_unit(sentence, corpus.locale),
        "negation added": _replace_first(sentence, "negation_added", corpus.locale),
        "negation removed": _replace_first(sentence, "negation_removed", corpus.locale),
        "entity": _swap_entity(sentence, corpus, random),
        "order": _swap_places(sentence, corpus),
    }
    for kind, text in made.items():
        if text and text != sentence and not corpus.says(text):
            yield kind, text


def _terms_of(passage: Passage) -> Iterator[str]:
    yield from (passage.title, *passage.heading_path)
    for found in _LABEL.finditer(passage.text):
        yield (found[1] or found[2]).strip(" :：")
    yield from _NAME.findall(passage.text)


def _change_number(sentence: str, random: Random) -> str:
    found = list(_NUMBER.finditer(sentence))
    if not found:
        return _change_han_number(sentence, random)
    match = random.choice(found)
    number = match[0].replace(",", "")
    if not number.isdecimal():
        other = f"{float(number) + 1.5:g}" if number.count(".") == 1 else f"{number[:-1]}0"
    else:
        value = int(number)
        other = str(random.choice([value + 1, value * 2 + 3, value * 10, max(value - 1, 0)]))
    if other == number:
        return ""
    return sentence[: match.start()] + other + sentence[match.end() :]


def _change_han_number(sentence: str, random: Random) -> str:
    match = _HAN_NUMBER.search(sentence)
    if not match:
        return ""
    same = "二两" if match[0] in "二两" else match[0]
    other = random.choice([c for c in "两三四五六七八" if c not in same])
    return sentence[: match.start()] + other + sentence[match.end() :]


def _change_unit(sentence: str, locale: Locale) -> str:
    units: Mapping[str, str] = _BOOK["units"][locale]
    names = "|".join(map(re.escape, sorted(units, key=len, reverse=True)))
    end = "" if locale is Locale.ZH else r"(?![a-z])"
    match = re.search(rf"(?<=\d)(\s*)(?:个)?({names}){end}", sentence)
    if not match:
        return ""
    return f"{sentence[: match.start()]}{match[1]}{units[match[2]]}{sentence[match.end() :]}"


def _replace_first(sentence: str, table: str, locale: Locale) -> str:
    """The first of the words in the sentence, never inside of another of them."""
    words: Mapping[str, str] = _BOOK[table][locale]
    if table == "negation_added" and _negates(sentence, locale):
        return ""
    names = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    edge = "" if locale is Locale.ZH else r"\b"
    before = "(?<![不没无未是否机社权开具拥含带所还只])" if locale is Locale.ZH else ""
    after = "(?![议员计话否效关]|不[能会])" if locale is Locale.ZH else ""
    found = re.search(rf"{edge}{before}({names}){after}{edge}", sentence)
    if not found:
        return ""
    return sentence[: found.start()] + words[found[1]] + sentence[found.end() :]


def _negates(sentence: str, locale: Locale) -> bool:
    """Denying what is denied already makes another sentence, and not always a wrong one."""
    if locale is Locale.ZH:
        return bool(re.search("[不没无未]", sentence))
    return bool(re.search(r"\b(?:not|no|never|cannot|without|unless)\b|n't\b", sentence, re.I))


def _places(sentence: str, terms: Sequence[str]) -> list[tuple[int, str]]:
    """Where terms stand that occur once, the longest first; none inside of another."""
    taken: list[tuple[int, str]] = []
    for term in sorted(terms, key=len, reverse=True):
        pattern = rf"(?<!\w){re.escape(term)}(?!\w)" if term.isascii() else re.escape(term)
        found = list(re.finditer(pattern, sentence, re.I))
        if len(found) != 1:
            continue
        at = found[0].start()
        if all(at + len(term) <= start or at >= start + len(other) for start, other in taken):
            taken.append((at, sentence[at : at + len(term)]))
    return sorted(taken)


def _swap_entity(sentence: str, corpus: Corpus, random: Random) -> str:
    """A term of the sentence for one that has no word of it."""
    places = _places(sentence, corpus.terms)
    said = sentence.casefold()
    others = [t for t in corpus.terms if not any(word in said for word in _words(t))]
    if not places or not others:
        return ""
    at, term = random.choice(places)
    other = random.choice(others)
    return sentence[:at] + other + sentence[at + len(term) :]


def _words(term: str) -> list[str]:
    folded = term.casefold()
    if term.isascii():
        return [word[:5] for word in re.findall(r"\w{3,}", folded)] or [folded]
    return [folded[n : n + 2] for n in range(len(folded) - 1)]


def _swap_places(sentence: str, corpus: Corpus) -> str:
    places = _places(sentence, corpus.terms)
    for (at, one), (to, two) in itertools.pairwise(places):
        between = sentence[at + len(one) : to]
        if _LISTED.fullmatch(between) or set(_words(one)) & set(_words(two)):
            continue
        return sentence[:at] + two + between + one + sentence[to + len(two) :]
    return ""
