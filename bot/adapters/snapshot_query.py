"""A question as every index of a snapshot needs it: terms with their weights, and vectors."""

import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from bot.adapters.ranking import EXPERTS
from bot.adapters.snapshot_homophones import Homophones
from bot.adapters.snapshot_sections import Unit
from bot.adapters.snapshot_spelling import EnglishSpelling
from bot.adapters.snapshot_strangeness import strange_share
from bot.domain.conversation import Locale
from bot.ports import Query
from ingest.chunk_table import LOCALES
from ingest.embedding.space import Space, Vectors
from ingest.embedding.words import chinese_words, english_words
from ingest.glossary import general_synonyms
from ingest.lexical import Matches, surface, tokenise
from ingest.snapshot import Snapshot

SYNONYM_WEIGHT = 0.6
OVERLAP_WEIGHT = 0.35  # of shared words beside the cosine of a sentence
NEW_SUBJECT = 0.8  # share of strange words from which what was said last is not looked at
SURE_RELIANCE = 0.8  # from which it is, whatever the words
OWN_TEXT_SHARE = 0.35  # of a follow-up's own words in its vectors, the rest is the whole question

# Who asks for a quantity is answered by a sentence that holds one.
ASKS_QUANTITY = re.compile(
    r"\bhow (?:many|much|long|often|big|large|old|soon|fast)\b"
    r"|\b(?:limits?|maximum|max|price|cost)\b"
    r"|多少|几[个天次小分层级人条张]|多[久大长快]|上限|最[多大长]|价格|限制",
    re.IGNORECASE,
)
QUANTITY_BONUS = 0.12

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class LexicalMatches:
    """BM25 as a share of what the question's own terms could reach at most, 0..1."""

    terms: Array  # (chunks,)
    surface: Array  # (chunks,)
    articles: Array  # (articles,)


@dataclass(frozen=True)
class EncodedQuery:
    query: Query
    matches: LexicalMatches
    terms: frozenset[str]  # its own
    rarity: Mapping[str, float]  # of its terms and their synonyms that occur in the snapshot
    vectors: Mapping[str, Vectors]  # by space
    background: "EncodedQuery | None" = None  # the same question after what was said last
    strange: float = 0.0  # share of its own words that no article uses, where that tells anything

    def evidence_in(self, unit: Unit) -> float:
        """What speaks for a sentence beside its vector, 0 to about 0.5."""
        bonus = QUANTITY_BONUS if self.asks_quantity and unit.has_digit else 0
        return OVERLAP_WEIGHT * self._overlap(unit.terms) + bonus

    def _overlap(self, terms: frozenset[str]) -> float:
        """Share of the question's known terms in a text, the rare ones counting more, 0..1; a
        synonym can stand for a term."""
        total = self.own_rarity or sum(self.rarity.values())
        if not total:
            return 0.0
        shared = sum(self.rarity[term] for term in terms & self.rarity.keys())
        return min(shared / total, 1.0)

    @cached_property
    def own_rarity(self) -> float:
        """Of its own terms that occur in the snapshot, all together."""
        return sum(self.rarity[term] for term in self.terms & self.rarity.keys())

    @cached_property
    def asks_quantity(self) -> bool:
        return ASKS_QUANTITY.search(self.query.text) is not None


class QueryEncoder:
    """For one snapshot; the spaces encode side by side, while terms are looked up."""

    def __init__(self, snapshot: Snapshot, spaces: Sequence[Space]) -> None:
        self.locales = tuple(LOCALES[number] for number in np.unique(snapshot.chunks.locales))
        self._snapshot = snapshot
        self._spaces = spaces
        self._threads = ThreadPoolExecutor(len(spaces), thread_name_prefix="encode")
        lexicon = snapshot.lexicon
        self._english = EnglishSpelling(lexicon.surface, self._knows, english_words())
        groups = (*general_synonyms().groups, *snapshot.glossary.groups)
        self._homophones = Homophones(lexicon.terms, chinese_words(), chain.from_iterable(groups))

    def encode(self, query: Query) -> EncodedQuery:
        query = query if query.foreign else self._spelt(query)
        asked = list(self._asked_spaces(query))
        encoding = self._threads.map(lambda space: _encode(space, query), asked)
        terms = tokenise(query.text)
        synonyms = self._synonyms(terms)
        lexicon = self._snapshot.lexicon
        weights = synonyms | dict.fromkeys(terms, 1.0)
        rarity = {t: idf * weights[t] for t, idf in lexicon.terms.idf(weights).items()}
        matches = LexicalMatches(
            _share(lexicon.terms.match(terms, synonyms)),
            _share(lexicon.surface.match(surface(query.text))),
            _share(lexicon.articles.match(terms, synonyms)),
        )
        strange = self._strange(query)
        expected = query.background and not _is_new_subject(query, strange)
        background = self.encode(_after_background(query)) if expected else None
        vectors = dict(zip((space.name for space in asked), encoding, strict=True))
        return EncodedQuery(query, matches, frozenset(terms), rarity, vectors, background, strange)

    def _spelt(self, query: Query) -> Query:
        """With typing errors put right, for words and vectors alike."""
        text, own_text = map(self._correct, (query.text, query.own_text))
        return replace(query, text=text, own_text=own_text)

    def _correct(self, text: str) -> str:
        return self._homophones.correct(self._english.correct(text))

    def _strange(self, query: Query) -> float:
        """Words of a language in which there are no articles are all strange."""
        if query.foreign or query.locale not in self.locales:
            return 0.0
        return strange_share(query.own, self._knows)

    def _knows(self, term: str) -> bool:
        terms = self._snapshot.lexicon.terms
        return term in terms or any(synonym in terms for synonym in self._synonyms([term]))

    def _asked_spaces(self, query: Query) -> Iterator[Space]:
        """The one of all languages and, for questions in ours, the experts of what is there."""
        main, *others = self._spaces
        yield main
        if not query.foreign:
            pairs = [f"{query.locale}-{locale}" for locale in self.locales]
            experts = {name for pair in pairs for name in EXPERTS[pair]}
            yield from (space for space in others if space.name in experts)

    def _synonyms(self, terms: list[str]) -> dict[str, float]:
        """Of the product at hand, and of such products at large."""
        shares = general_synonyms().synonyms(terms) | self._snapshot.glossary.synonyms(terms)
        return {term: SYNONYM_WEIGHT * share for term, share in shares.items()}


def pair_of(query: Query, passages: str) -> str:
    """Any third language is to the passages what the other one of ours is."""
    asked = Locale(passages).other if query.foreign else query.locale
    return f"{asked}-{passages}"


def _is_new_subject(query: Query, strange: float) -> bool:
    """It names nothing but what no article knows, and does not surely lean on what was said."""
    return strange >= NEW_SUBJECT and query.reliance < SURE_RELIANCE and query.text == query.own


def _after_background(query: Query) -> Query:
    text = f"{query.background} ; {query.own}"
    return replace(query, text=text, own_text=query.own, background="")


def _encode(space: Space, query: Query) -> Vectors:
    vector = space.query(query.text)
    if not query.own_text or query.own_text == query.text:
        return vector
    mixed = (1 - OWN_TEXT_SHARE) * vector + OWN_TEXT_SHARE * space.query(query.own_text)
    return np.asarray(mixed / np.linalg.norm(mixed), np.float32)


def _share(matches: Matches) -> Array:
    share = matches.scores / max(matches.ceiling, 1e-6)
    return np.asarray(np.minimum(share, 1), np.float32)  # synonyms can add up to more
