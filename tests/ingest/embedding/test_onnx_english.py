import numpy as np
import pytest

from ingest.embedding import onnx_english
from ingest.embedding.catalogue import english, sentence_transformers
from tests.ingest.embedding.minilm import minilm

pytestmark = pytest.mark.models

ANSWER = "A board has at most 24 columns."
NEAR = "Columns of a board can be moved and renamed."
OTHER = "Invoices are sent monthly."


def test_a_question_is_nearer_to_its_answer_than_to_another_sentence() -> None:
    space = english()
    answer, near, other = space.passages([ANSWER, NEAR, OTHER])
    question = space.query("what is the limit of columns on a board")
    assert question @ answer > question @ near > question @ other


def test_a_text_longer_than_the_model_reads_is_truncated() -> None:
    encoder = onnx_english.load()
    long = "column " * onnx_english.TOKENS
    assert (encoder.run(long) == encoder.run(long + "and an end that is never read")).all()


def test_the_vectors_are_those_of_the_model_before_it_was_quantised() -> None:
    """So that tokenizer, cut and pooling are the ones it was trained with."""
    original = sentence_transformers(minilm())
    texts = [ANSWER, NEAR, OTHER, "Ünïcödé, e-mail & CamelCase_ids!", "sign in " * 200]
    cosines = (english().passages(texts) * original.passages(texts)).sum(axis=1)
    assert np.all(cosines > 0.95), cosines
