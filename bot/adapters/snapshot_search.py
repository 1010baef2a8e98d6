"""Hybrid search over one loaded snapshot: candidates from every index, then one ranking."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.adapters.ranking import (
    EXPERTS,
    FEATURES,
    Ranking,
    Rankings,
    Wording,
    evidence_signals,
    nearness,
)
from bot.adapters.snapshot_query import EncodedQuery, QueryEncoder, pair_of
from bot.adapters.snapshot_sections import SectionReader
from bot.domain.conversation import Locale
from bot.domain.knowledge import OWN_PAGES, ArticleAddress, Block, Evidence, Passage, Sentence
from bot.ports import Query
from ingest.chunk_table import AUDIENCES, LOCALES
from ingest.embedding.space import Space, Vectors
from ingest.snapshot import Snapshot

DENSE_CANDIDATES = 80
EXPERT_CANDIDATES = 40
LEXICAL_CANDIDATES = 80
BACKGROUND_SHARE = 0.7  # of the scores: what was said last, when the question surely needs it
SAME_LANGUAGE_BONUS = 0.5  # log-odds: the user's language among equals
TWIN_PENALTY = 2.0  # log-odds: an article whose translation is already listed

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
    pair: str  # languages of question and passages
    ranking: Ranking  # that gave the scores


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
        self._masks: dict[tuple[frozenset[str], str], Allowed] = {}
        self._sections = SectionReader(snapshot.chunks)
        self._encoder = QueryEncoder(snapshot, spaces)
        self.encode = self._encoder.encode

    def search(self, query: Query) -> Evidence:
        encoded = self.encode(query)
        found = self._by_language(encoded)
        if not found:
            return Evidence((), 0.0, self.snapshot.id, len(encoded.terms), encoded.strange)
        rows = np.concatenate([candidates.rows for candidates in found])
        scores = np.concatenate([candidates.scores for candidates in found])
        scores = self._as_read(encoded.query, rows, scores)
        passages = tuple(self._passages(encoded, rows, scores))
        best = _leading(found)
        answerability = best.ranking.answerable(_signals(encoded, best))
        terms, strange = len(encoded.terms), encoded.strange
        return Evidence(passages, answerability, self.snapshot.id, terms, strange)

    def evidence_signals(self, query: Query) -> tuple[str, Array] | None:
        """What answerability is judged by, and the languages of question and best passage."""
        encoded = self.encode(query)
        found = self._by_language(encoded)
        if not found:
            return None
        best = _leading(found)
        return best.pair, _signals(encoded, best)

    def _by_language(self, encoded: EncodedQuery) -> list[Candidates]:
        by_locale = (self.candidates(encoded, locale) for locale in self._locales(encoded))
        return [candidates for candidates in by_locale if candidates is not None]

    def candidates(self, encoded: EncodedQuery, locale: str) -> Candidates | None:
        """The chunks of one language that any index proposes, with features and scores."""
        pair = pair_of(encoded.query, locale)
        experts = [name for name in EXPERTS[pair] if name in encoded.vectors]
        rows = [*self._proposals(encoded, locale, experts)]
        if encoded.background:
            rows += self._proposals(encoded.background, locale, experts)
        union = np.unique(np.concatenate(rows)).astype(np.int32)
        if not len(union):
            return None
        features = self._features(encoded, union, experts)
        ranking = self._rankings.of(pair, experts)
        scores = ranking.scores(features)
        if encoded.background:
            share = np.float32(BACKGROUND_SHARE * encoded.query.reliance)
            expected = ranking.scores(self._features(encoded.background, union, experts))
            scores += share * (expected - scores)
        bonus = np.float32(SAME_LANGUAGE_BONUS if locale == encoded.query.locale else 0.0)
        return Candidates(union, features, scores + bonus, pair, ranking)

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
        return sorted(self._encoder.locales, key=lambda locale: locale != encoded.query.locale)

    def _allowed(self, audience: frozenset[str], locale: str) -> Allowed:
        """Which chunks may be found at all, (chunks,); worked out once for each audience."""
        key = (audience, locale)
        if key not in self._masks:
            chunks = self.snapshot.chunks
            numbers = [AUDIENCES.index(name) for name in audience]
            mask: Allowed = np.isin(chunks.audiences, numbers)
            self._masks[key] = mask & (chunks.locales == LOCALES.index(locale))
        return self._masks[key]

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

    def _as_read(self, query: Query, rows: Rows, scores: Array) -> Array:
        """An article in the user's language takes the place of its translation, where a few words
        of the other language in the question have found that one sooner."""
        groups = self.snapshot.chunks.groups[rows]
        own = self.snapshot.chunks.locales[rows] == LOCALES.index(query.locale)
        best = np.full((2, int(groups.max()) + 1), -np.inf, np.float32)
        np.maximum.at(best, (own.astype(np.intp), groups), scores)
        lead = best[0, groups] - best[1, groups]  # infinite without a translation
        swap = np.where(np.isfinite(lead) & (lead > 0), lead, np.float32(0))
        return np.asarray(scores + np.where(own, swap, -swap), np.float32)

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


def _leading(found: Sequence[Candidates]) -> Candidates:
    """Of the language that holds the best candidate."""
    return max(found, key=lambda candidates: float(candidates.scores.max()))


def _signals(encoded: EncodedQuery, best: Candidates) -> Array:
    wording = Wording(len(encoded.terms), encoded.own_rarity, len(encoded.query.text))
    return evidence_signals(best.features, best.scores, wording)


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
