import numpy as np
import pytest

from ingest.embedding import onnx_e5
from ingest.embedding.catalogue import bilingual

pytestmark = pytest.mark.models

ANSWER = {"en": "A board has at most 24 columns.", "zh": "一个看板最多有 24 列。"}
NEAR = {"en": "Columns of a board can be moved and renamed.", "zh": "看板的列可以移动和改名。"}
OTHER = {"en": "Invoices are sent monthly.", "zh": "账单每月发送一次。"}
QUESTION = {"en": "what is the limit of columns on a board", "zh": "看板的列数上限是多少"}


@pytest.mark.parametrize("asked", ["en", "zh"])
@pytest.mark.parametrize("written", ["en", "zh"])
def test_a_question_is_near_what_is_about_it_in_either_language(asked: str, written: str) -> None:
    space = bilingual()
    about = space.passages([ANSWER[written], NEAR[written], OTHER[written]])
    answer, near, other = (about @ space.query(QUESTION[asked])).tolist()
    assert min(answer, near) > other


def test_questions_and_passages_are_told_apart() -> None:
    space = bilingual()
    assert space.query(ANSWER["zh"]) @ space.passages([ANSWER["zh"]])[0] < 0.999


def test_a_text_longer_than_the_model_reads_is_truncated() -> None:
    encoder = onnx_e5.load()
    long = "看板" * onnx_e5.TOKENS
    assert (encoder.run(long) == encoder.run(long + "以及永远读不到的结尾")).all()


@pytest.mark.parametrize(
    "text", ["", "👩‍💻🚀", "ようこそ", "\ud800".encode("utf-8", "replace").decode()]
)
def test_what_the_vocabulary_lacks_still_has_a_vector(text: str) -> None:
    vector = onnx_e5.load().run(text)
    assert vector.shape == (onnx_e5.DIMS,)
    assert np.isfinite(vector).all()
