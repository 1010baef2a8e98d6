"""The part of bootstrap that builds what reads the index and what models judge messages by."""

from collections.abc import Callable, Sequence
from functools import cache

from bot.adapters import ranking
from bot.adapters.snapshot_retriever import SnapshotRetriever
from bot.adapters.space_similarity import SpaceSimilarity
from bot.adapters.vector_tone import ToneVectors, VectorTone
from bot.adapters.vector_tone import load as load_tone
from bot.adapters.vector_urgency import VectorUrgency
from bot.adapters.vector_urgency import load as load_urgency
from bot.ports import ChatModel, Retriever
from bot.services.hearing import Listener
from bot.services.intents import IntentClassifier
from bot.services.urgency import UrgencyDetector
from bot.settings import Settings
from ingest.embedding.catalogue import choose_spaces, english, multilingual
from ingest.embedding.space import Space


def build_retriever(settings: Settings, spaces: Sequence[Space] = ()) -> Retriever:
    retriever = SnapshotRetriever(
        settings.index,
        spaces or build_spaces(settings),
        ranking.load(),
        address=settings.article_address,
    )
    name = settings.embedding.reranker
    if not name:
        return retriever
    from bot.adapters.cross_encoder import CrossEncoderReranker, RerankedRetriever
    from ingest.embedding.sentence_transformers import load_cross_encoder

    return RerankedRetriever(retriever, CrossEncoderReranker(name, load_cross_encoder(name)))


def build_listener(
    spaces: Sequence[Space], similarity: SpaceSimilarity, classifier: IntentClassifier
) -> Listener:
    """The weights of tone, as those of requests, are the bundled spaces'."""
    vectors = ToneVectors(similarity, bundled_similarity(spaces, english))
    urgencies = UrgencyDetector.load(VectorUrgency(load_urgency(), vectors))
    return Listener(VectorTone(load_tone(), vectors), similarity, classifier, urgencies)


def bundled_similarity(
    spaces: Sequence[Space], bundled: Callable[[], Space] = multilingual
) -> SpaceSimilarity:
    """Of the space that is already there, else of the one that the process shares."""
    fingerprint = bundled().fingerprint
    known = next((space for space in spaces if space.fingerprint == fingerprint), None)
    return SpaceSimilarity(known) if known else _shared_similarity(bundled)


@cache
def _shared_similarity(bundled: Callable[[], Space]) -> SpaceSimilarity:
    return SpaceSimilarity(bundled())


def build_spaces(settings: Settings) -> list[Space]:
    embedding = settings.embedding
    return choose_spaces(embedding.provider, embedding.model, embedding.experts)


def load_chat(settings: Settings) -> ChatModel | None:
    if not settings.chat.model:
        return None
    from bot.adapters.langchain_chat import LangChainChat

    return LangChainChat(
        settings.chat.model,
        first_token_timeout_s=settings.chat.first_token_s,
        total_timeout_s=settings.chat.total_s,
    )
