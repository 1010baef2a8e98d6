import pytest

from ingest.embedding import onnx_english
from ingest.embedding.catalogue import english
from ingest.embedding.onnx_english import QUERY_PROMPT

pytestmark = pytest.mark.models


def test_a_question_is_nearer_to_its_answer_than_to_another_sentence() -> None:
    space = english()
    answer, near, other = space.passages(
        [
            "A board has at most 24 columns.",
            "Columns of a board can be moved and renamed.",
            "Invoices are sent monthly.",
        ]
    )
    question = space.query("what is the limit of columns on a board")
    assert question @ answer > question @ near > question @ other


def test_a_question_is_embedded_with_the_prompt_of_the_model() -> None:
    space = english()
    prompted, bare = space.passages([QUERY_PROMPT + "boards", "boards"])
    assert space.query("boards") @ prompted > 0.9999
    assert space.query("boards") @ bare < 0.99


def test_a_text_longer_than_the_model_reads_is_truncated() -> None:
    encoder = onnx_english.load()
    long = "column " * onnx_english.TOKENS
    assert (encoder.run(long) == encoder.run(long + "and an end that is never read")).all()
