"""What somebody says, apart from what they paste and quote."""

import pytest

from bot.services.speech import hear


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("sooooo slow", "so slow"),
        ("啊啊啊啊烦死了", "啊啊烦死了"),
        ("這已經是第三次了", "这已经是第三次了"),
        ("转 人 工", "转人工"),
        ('my boss says: "this whole product is garbage"', "my boss says:"),
        ("客户写“你们的产品就是一堆垃圾”，怎么隐藏", "客户写 ,怎么隐藏"),
        ("```\nFATAL: ALL LOST\n``` what is this", "what is this"),
        ("ERROR: ROW 12 REJECTED\nwhat now", "what now"),
        ('{"code": 403, "msg": "FORBIDDEN"} hm', "hm"),
        ("FATAL: JOB ABORTED", ""),
    ],
)
def test_pastes_and_quotations_are_not_said(text: str, spoken: str) -> None:
    assert hear(text).spoken == spoken


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("STOP SENDING ME THIS", "shouts"),
        ("why??", "marks"),
        ("……", "only_marks"),
        ("One. Project. Only.", "staccato"),
        ("sooooo", "stretched"),
        ("🤬", "angry_face"),
        ("🙄 ok", "sad_face"),
        ("真“智能”", "scare_quote"),
    ],
)
def test_how_it_looks(text: str, name: str) -> None:
    assert hear(text).form[name] > 0


@pytest.mark.parametrize("text", ["Export as CSV or PDF via API", "ERROR: TIMEOUT AT STEP 3"])
def test_acronyms_and_output_do_not_shout(text: str) -> None:
    assert hear(text).form["shouts"] == 0


def test_of_a_long_message_both_ends_are_read() -> None:
    spoken = hear(f"useless {'x ' * 5_000} hopeless").spoken
    assert spoken.startswith("useless")
    assert spoken.endswith("hopeless")
    assert len(spoken) < 1_300
