"""The lexical indexes of a snapshot: three views of the same words."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.article import Chunk
from ingest.lexical import LexicalIndex, surface, weigh

# Weights of the fields before saturation: what a chunk is about counts more than what it says.
TITLE, HEADING_PATH, HEADING, BODY = 1.0, 1.0, 1.0, 1.0


@dataclass(frozen=True, slots=True)
class Lexicon:
    terms: LexicalIndex  # stems and bigrams, a document a chunk
    surface: LexicalIndex  # characters and unstemmed words, a document a chunk
    articles: LexicalIndex  # stems and bigrams, a document an article in the order of its chunks

    @classmethod
    def build(cls, chunks: Sequence[Chunk]) -> "Lexicon":
        by_chunk = [weigh(fields_of(chunk)) for chunk in chunks]
        by_article: dict[str, Counter[str]] = {}
        for chunk, frequencies in zip(chunks, by_chunk, strict=True):
            article = by_article.setdefault(chunk.path, Counter())
            article.update(frequencies)
            # How users ask for an article speaks for the article, not for its first chunk.
            article.update(weigh([(1.0, " ".join(chunk.questions))]))
        return cls(
            LexicalIndex.build(by_chunk),
            LexicalIndex.build(weigh(fields_of(chunk), surface) for chunk in chunks),
            LexicalIndex.build(by_article.values()),
        )

    def save(self, folder: Path) -> None:
        self.terms.save(folder / "lexical_terms")
        self.surface.save(folder / "lexical_surface")
        self.articles.save(folder / "lexical_articles")

    @classmethod
    def load(cls, folder: Path) -> "Lexicon":
        return cls(
            LexicalIndex.load(folder / "lexical_terms"),
            LexicalIndex.load(folder / "lexical_surface"),
            LexicalIndex.load(folder / "lexical_articles"),
        )


def fields_of(chunk: Chunk) -> list[tuple[float, str]]:
    """The weighted fields of a chunk."""
    return [
        (TITLE, chunk.title),
        (HEADING_PATH, " ".join(chunk.heading_path)),
        (HEADING, chunk.heading_path[-1] if chunk.heading_path else ""),
        (BODY, chunk.plain),
    ]
