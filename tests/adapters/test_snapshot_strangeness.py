import pytest

from bot.adapters.snapshot_strangeness import strange_share

KNOWN = {"project", "export", "creat", "gantt", "项目", "导出", "创建", "甘特", "特图", "今天"}


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("How do I export a project?", 0.0),
        ("what is the weather", 1.0),
        ("What's the weather", 1.0),
        ("export the weather", 0.5),
        ("Creating projects", 0.0),
        ("how many projects", 0.0),
        ("how much", 0.0),
        ("42", 0.0),
        ("how do I", 0.0),
        ("", 0.0),
        ("怎么导出项目", 0.0),
        ("导出怎么做", 0.0),  # one character alone is no word
        ("匯出專案怎麼做", 1.0),  # not in these words
        ("導出項目", 0.0),
        ("甘特图", 0.0),
        ("怎么减肥", 1.0),
        ("今天股市怎么样", 0.5),
        ("天气怎么样", 1.0),
        ("export 股市", 0.5),
        ("什么", 0.0),
        ("嗯", 0.0),
    ],
)
def test_share_of_words_that_no_article_uses(text: str, share: float) -> None:
    assert strange_share(text, KNOWN.__contains__) == pytest.approx(share)
