import numpy as np
import pytest

from ingest.embedding.catalogue import multilingual

PAIRS = [
    ("How do I add a column to a board?", "怎样在看板上添加一列？"),
    ("I forgot my password and cannot sign in.", "我忘记了密码，无法登录。"),
    ("Export the Gantt chart as a PDF file.", "把甘特图导出为 PDF 文件。"),
    ("Invite a colleague to the project team.", "邀请同事加入项目团队。"),
    ("Our invoice shows the wrong company name.", "我们的发票上公司名称不对。"),
    ("Turn off e-mail notifications at night.", "夜间关闭邮件通知。"),
]
pytestmark = pytest.mark.models


def test_a_sentence_is_nearest_to_its_translation() -> None:
    english, chinese = (multilingual().passages(texts) for texts in zip(*PAIRS, strict=True))
    cosines = chinese @ english.T
    assert cosines.argmax(axis=1).tolist() == list(range(len(PAIRS)))
    assert cosines.argmax(axis=0).tolist() == list(range(len(PAIRS)))


def test_a_question_is_nearer_to_its_answer_than_to_another_sentence() -> None:
    space = multilingual()
    answer, other = space.passages(
        ["A board has at most 24 columns.", "Invoices are sent monthly."]
    )
    for question in ("how many columns can a board have", "看板最多能有几列"):
        vector = space.query(question)
        assert vector @ answer > vector @ other + 0.1


def test_an_empty_text_is_no_error_and_near_to_nothing() -> None:
    space = multilingual()
    empty = space.passages([""])[0]
    assert np.isfinite(empty).all()
    assert (space.passages([text for pair in PAIRS for text in pair]) @ empty).max() < 0.6
