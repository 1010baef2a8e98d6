"""Hybrid search over one loaded snapshot: candidates from every index, then one ranking."""

import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bot.adapters.ranking import (
    EXPERTS,
    FEATURES,
    Ranking,
    Rankings,
    evidence_signals,
    nearness,
)
from bot.adapters.snapshot_sections import SectionReader, Unit
from bot.domain.conversation import Locale
from bot.domain.knowledge import OWN_PAGES, ArticleAddress, Block, Evidence, Passage, Sentence
from bot.ports import Query
from ingest.chunk_table import AUDIENCES, LOCALES
from ingest.embedding.space import Space, Vectors
from ingest.glossary import general_synonyms
from ingest.lexical import Matches, surface, tokenise
from ingest.snapshot import Snapshot

DENSE_CANDIDATES = 80
EXPERT_CANDIDATES = 40
LEXICAL_CANDIDATES = 80
SYNONYM_WEIGHT = 0.6
OVERLAP_WEIGHT = 0.35  # of shared words beside the cosine of a sentence
OWN_TEXT_SHARE = 0.35  # of a follow-up's own words in its vectors, the rest is the whole question
BACKGROUND_SHARE = 0.7  # of the scores: what was said last, when the question surely needs it
SAME_LANGUAGE_BONUS = 0.5  # log-odds: the user's language among equals
TWIN_PENALTY = 2.0  # log-odds: an article whose translation is already listed

# Who asks for a quantity is answered by a sentence that holds one.
ASKS_QUANTITY = re.compile(
    r"\bhow (?:many|much|long|often|big|large|old|soon|fast)\b"
    r"|\b(?:limits?|maximum|max|price|cost)\b"
    r"|多少|几[个天次小分层级人条张]|多[久大长快]|上限|最[多大长]|价格|限制",
    re.IGNORECASE,
)
QUANTITY_BONUS = 0.12
ASKS_HOW = re.compile(
    r"\b(?:how (?:do|can|to|would|should|may)|where (?:do|can)|way to|steps?)\b"
    r"|怎么|怎样|如何|步骤|在哪|哪里",
    re.IGNORECASE,
)

Rows = NDArray[np.int32]
Allowed = NDArray[np.bool_]  # (chunks,)
Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Candidates:
    rows: Rows  # chunks, ascending
    features: Array  # (n, FEATURES)
    scores: Array  # (n,), log-odds-like, comparable across languages
    ranking: Ranking  # that gave the scores


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

    def evidence_in(self, unit: Unit) -> float:
        """What speaks for a sentence beside its vector, 0 to about 0.5."""
        bonus = QUANTITY_BONUS if self.asks_quantity and unit.has_digit else 0
        return OVERLAP_WEIGHT * self._overlap(unit.terms) + bonus

    def _overlap(self, terms: frozenset[str]) -> float:
        """Share of the question's known terms in a text, the rare ones counting more, 0..1; a
        synonym can stand for a term."""
        if not self.total_rarity:
            return 0.0
        shared = sum(self.rarity[term] for term in terms & self.rarity.keys())
        return min(shared / self.total_rarity, 1.0)

    @cached_property
    def total_rarity(self) -> float:
        own = sum(self.rarity[term] for term in self.terms & self.rarity.keys())
        return own or sum(self.rarity.values())

    @cached_property
    def asks_quantity(self) -> bool:
        return ASKS_QUANTITY.search(self.query.text) is not None


class SnapshotSearch:
    def __init__(
        self,
        snapshot: Snapshot,
        spaces: Sequence[Space],
        rankings: Rankings,
        address: ArticleAddress = OWN_PAGES,
    ) -> None:
        self.snapshot = snapshot
        self._address = address
        self._spaces = spaces
        self._rankings = rankings
        self._present = [LOCALES[number] for number in np.unique(snapshot.chunks.locales)]
        self._masks: dict[tuple[frozenset[str], str], Allowed] = {}
        self._sections = SectionReader(snapshot.chunks)
        self._encoders = ThreadPoolExecutor(len(spaces), thread_name_prefix="encode")

    def search(self, query: Query) -> Evidence:
        encoded = self.encode(query)
        by_locale = (self.candidates(encoded, locale) for locale in self._locales(encoded))
        found = [candidates for candidates in by_locale if candidates is not None]
        if not found:
            return Evidence((), 0.0, self.snapshot.id, len(encoded.terms))
        rows = np.concatenate([candidates.rows for candidates in found])
        scores = np.concatenate([candidates.scores for candidates in found])
        passages = tuple(self._passages(encoded, rows, scores))
        answerability = self._answerability(encoded, found)
        return Evidence(passages, answerability, self.snapshot.id, len(encoded.terms))

    def encode(self, query: Query) -> EncodedQuery:
        """Vectors and weighted terms; the spaces encode side by side."""
        asked = list(self._asked_spaces(query))
        vectors = self._encoders.map(lambda space: _encode(space, query), asked)
        by_space = dict(zip((space.name for space in asked), vectors, strict=True))
        terms = tokenise(query.text)
        synonyms = self._synonyms(terms)
        lexicon = self.snapshot.lexicon
        weights = synonyms | dict.fromkeys(terms, 1.0)
        rarity = {t: idf * weights[t] for t, idf in lexicon.terms.idf(weights).items()}
        matches = LexicalMatches(
            _share(lexicon.terms.match(terms, synonyms)),
            _share(lexicon.surface.match(surface(query.text))),
            _share(lexicon.articles.match(terms, synonyms)),
        )
        background = self.encode(_after_background(query)) if query.background else None
        return EncodedQuery(query, matches, frozenset(terms), rarity, by_space, background)

    def _asked_spaces(self, query: Query) -> Iterator[Space]:
        """The one of all languages and, for questions in ours, the experts of what is there."""
        main, *others = self._spaces
        yield main
        if not query.foreign:
            pairs = [f"{query.locale}-{locale}" for locale in self._present]
            experts = {name for pair in pairs for name in EXPERTS[pair]}
            yield from (space for space in others if space.name in experts)

    def candidates(self, encoded: EncodedQuery, locale: str) -> Candidates | None:
        """The chunks of one language that any index proposes, with features and scores."""
        experts = [
            name for name in EXPERTS[_pair(encoded.query, locale)] if name in encoded.vectors
        ]
        rows = [*self._proposals(encoded, locale, experts)]
        if encoded.background:
            rows += self._proposals(encoded.background, locale, experts)
        union = np.unique(np.concatenate(rows)).astype(np.int32)
        if not len(union):
            return None
        features = self._features(encoded, union, experts)
        ranking = self._rankings.of(_pair(encoded.query, locale), experts)
        scores = ranking.scores(features)
        if encoded.background:
            share = np.float32(BACKGROUND_SHARE * encoded.query.reliance)
            expected = ranking.scores(self._features(encoded.background, union, experts))
            scores += share * (expected - scores)
        bonus = np.float32(SAME_LANGUAGE_BONUS if locale == encoded.query.locale else 0.0)
        return Candidates(union, features, scores + bonus, ranking)

    def _proposals(
        self, encoded: EncodedQuery, locale: str, experts: Sequence[str]
    ) -> Iterator[NDArray[np.integer]]:
        allowed = self._allowed(encoded.query.audience, locale)
        yield _best(np.where(allowed, encoded.matches.terms, 0), LEXICAL_CANDIDATES)
        main = self._spaces[0].name
        for name, k in ((main, DENSE_CANDIDATES), *((e, EXPERT_CANDIDATES) for e in experts)):
            yield self.snapshot.dense[name].search(encoded.vectors[name], k, allowed)

    def _locales(self, encoded: EncodedQuery) -> list[str]:
        """The question's own language first."""
        return sorted(self._present, key=lambda locale: locale != encoded.query.locale)

    def _allowed(self, audience: frozenset[str], locale: str) -> Allowed:
        """Which chunks may be found at all, (chunks,); worked out once for each audience."""
        key = (audience, locale)
        if key not in self._masks:
            chunks = self.snapshot.chunks
            numbers = [AUDIENCES.index(name) for name in audience]
            mask: Allowed = np.isin(chunks.audiences, numbers)
            self._masks[key] = mask & (chunks.locales == LOCALES.index(locale))
        return self._masks[key]

    def _synonyms(self, terms: list[str]) -> dict[str, float]:
        """Of the product at hand, and of such products at large."""
        shares = general_synonyms().synonyms(terms) | self.snapshot.glossary.synonyms(terms)
        return {term: SYNONYM_WEIGHT * share for term, share in shares.items()}

    def _features(self, encoded: EncodedQuery, rows: Rows, experts: Sequence[str]) -> Array:
        features = np.zeros((len(rows), len(FEATURES)), np.float32)
        main = self._spaces[0].name
        vector = encoded.vectors[main]
        features[:, 0] = self.snapshot.dense[main].similarities(vector, rows)
        features[:, 1:4] = self._unit_features(vector, rows)
        for expert in experts:
            cosines = self.snapshot.dense[expert].similarities(encoded.vectors[expert], rows)
            features[:, FEATURES.index(expert)] = nearness(expert, cosines)
        features[:, 6] = encoded.matches.terms[rows]
        features[:, 7] = encoded.matches.surface[rows]
        chunks = self.snapshot.chunks
        features[:, 8] = encoded.matches.articles[chunks.articles[rows]]
        features[:, 9] = chunks.is_introduction[rows]
        features[:, 10] = chunks.has_steps[rows] & bool(ASKS_HOW.search(encoded.query.text))
        return features

    def _unit_features(self, vector: Vectors, rows: Rows) -> Array:
        """Cosine to the nearest sentence, to the mean of the sentences, and to the heading of each
        chunk, float32 (n, 3)."""
        units = self.snapshot.units
        starts, counts = units.offsets[rows], np.diff(units.offsets)[rows]
        first = np.cumsum(counts) - counts
        positions = np.arange(counts.sum()) - np.repeat(first - starts, counts)
        cosines = units.vectors(positions) @ vector
        headings = cosines[first].copy()
        sums = np.add.reduceat(cosines, first) - headings
        # A chunk without sentences is judged by its heading.
        cosines[first] = np.where(counts == 1, headings, -1.0)
        nearest = np.maximum.reduceat(cosines, first)
        mean = sums / np.maximum(units.lengths[rows], 1e-6)
        return np.stack([nearest, mean, headings], axis=1).astype(np.float32)

    def _answerability(self, encoded: EncodedQuery, found: Sequence[Candidates]) -> float:
        """Of the language that holds the best candidate."""
        best = max(found, key=lambda candidates: float(candidates.scores.max()))
        signals = evidence_signals(best.features, best.scores, len(encoded.terms))
        return best.ranking.answerable(signals)

    def _passages(self, encoded: EncodedQuery, rows: Rows, scores: Array) -> Iterator[Passage]:
        query = encoded.query
        taken: dict[int, int] = {}
        told: set[int] = set()
        order = self._order(rows, scores)
        articles = self.snapshot.chunks.articles[rows[order]].tolist()
        shares = _softmax(scores)[order].tolist()
        for row, article, share in zip(rows[order].tolist(), articles, shares, strict=True):
            if article not in taken and len(taken) == query.limit:
                continue
            if taken.get(article, 0) == query.passages_per_article or row in told:
                continue
            taken[article] = taken.get(article, 0) + 1
            section = self._sections.section(row) if query.whole_sections else [row]
            told.update(section)
            yield self._passage(encoded, row, section, share)

    def _order(self, rows: Rows, scores: Array) -> NDArray[np.intp]:
        """Best first, with the translation of a better article moved down."""
        order = np.argsort(-scores, kind="stable")
        articles, groups = self.snapshot.chunks.articles[rows], self.snapshot.chunks.groups[rows]
        _, first = np.unique(groups[order], return_index=True)
        listed = dict(
            zip(groups[order][first].tolist(), articles[order][first].tolist(), strict=True)
        )
        twins = np.array(
            [listed[g] != a for g, a in zip(groups.tolist(), articles.tolist(), strict=True)]
        )
        return np.argsort(-(scores - TWIN_PENALTY * twins), kind="stable")

    def _blocks(self, encoded: EncodedQuery, row: int) -> Iterator[Block]:
        cosines = self.snapshot.units.similarities(encoded.vectors[self._spaces[0].name], row)
        nearness = iter(cosines[1:].tolist())  # unit 0 is the heading
        for block, units in self._sections.read(row).blocks:
            sentences = tuple(
                Sentence(unit.text, next(nearness) + encoded.evidence_in(unit)) for unit in units
            )
            yield Block(block.kind.value, block.markdown, sentences)

    def _passage(
        self, encoded: EncodedQuery, row: int, section: Sequence[int], score: float
    ) -> Passage:
        chunk = self._sections.read(row).chunk
        blocks = tuple(block for part in section for block in self._blocks(encoded, part))
        return Passage(
            path=chunk.path,
            ordinal=chunk.ordinal,
            anchor=chunk.anchor,
            title=chunk.title,
            heading_path=chunk.heading_path,
            locale=Locale(chunk.locale),
            line=chunk.line,
            score=score,
            blocks=blocks,
            review_by=chunk.review_by,
            address=self._address,
        )


def _pair(query: Query, passages: str) -> str:
    """Any third language is to the passages what the other one of ours is."""
    asked = Locale(passages).other if query.foreign else query.locale
    return f"{asked}-{passages}"


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


def _softmax(scores: Array) -> Array:
    """How much of the belief that one of the candidates answers goes to each."""
    powers = np.exp(scores - scores.max())
    return np.asarray(powers / powers.sum(), np.float32)


def _best(scores: Array, k: int) -> Rows:
    """Rows of the k greatest positive scores."""
    positive = np.flatnonzero(scores > 0)
    if len(positive) > k:
        positive = positive[np.argpartition(-scores[positive], k)[:k]]
    return positive.astype(np.int32)
