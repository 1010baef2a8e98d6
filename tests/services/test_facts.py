import pytest

from bot.services.facts import is_supported, known, stated


def supports(source: str, claim: str) -> bool:
    facts = stated(claim)
    assert facts, "the claim states nothing that could be compared"
    return all(is_supported(fact, known(source)) for fact in facts)


@pytest.mark.parametrize(
    ("source", "claim"),
    [
        ("1,000 files", "1000 files"),
        ("１，０００ 个文件", "1,000 个文件"),
        ("10,000 rows", "1 万行"),
        ("1.5 million rows", "1,500,000 rows"),
        ("10k rows", "10,000 rows"),
        ("5.50 USD", "$5.5"),
        ("US$5", "5 美元"),
        ("¥30", "30 元"),
        ("30 days", "30 天"),
        ("a 30-day trial", "30 days of trial"),
        ("three days", "3 days"),
        ("3 days", "three days"),
        ("三个工作日", "3 business days"),
        ("十五分钟", "15 minutes"),
        ("百分之二十", "20%"),
        ("20 percent", "百分之20"),
        ("10MB", "10 MB"),
        ("10 MB", "10 兆字节，即 10 MB"),
        ("between 5 and 10 MB", "5 MB to 10 MB"),
        ("| Size in MB | 10 |", "10 MB"),
        ("2026-10-21", "October 21, 2026"),
        ("2026-10-21", "21st of October 2026"),
        ("2026年10月21日", "2026-10-21"),
        ("2026-10-21", "10 月 21 日"),
        ("2026-10-21", "October 2026"),
        ("2026-10-21", "since 2026"),
        ("at 09:00", "9:00"),
        ("at 9:00", "上午 9 点"),
        ("version 2.3.1", "v2.3.1"),
        ("error E1042", "the error e1042"),
        ("the 3rd step", "step 3"),
        ("see https://a.example/x.", "https://a.example/x"),
        ("[here](https://a.example/x) or", "https://a.example/x"),
        ("见 https://a.example/x，谢谢", "https://a.example/x。"),
        ("see https://a.example/x", "见 https://a.example/x，谢谢"),
        ("见https://a.example/x查看", "https://a.example/x"),
        ("mail me@a.example", "me@a.example"),
        ("在 config.toml 里", "config.toml"),
    ],
)
def test_the_same_fact_in_other_words(source: str, claim: str) -> None:
    assert supports(source, claim)


@pytest.mark.parametrize(
    ("source", "claim"),
    [
        ("1,000 files", "10,000 files"),
        ("10 rows", "10 万行"),
        ("30 days", "30 hours"),
        ("30 天", "30 小时"),
        ("3 days", "five days"),
        ("3 天", "五天"),
        ("20%", "30%"),
        ("20%", "20 days"),
        ("5 MB", "5 GB"),
        ("$5", "€5"),
        ("2026-10-21", "2026-10-12"),
        ("2026-10-21", "October 22"),
        ("2026-10-21", "November 2026"),
        ("10 月 21 日", "11 月 21 日"),
        ("at 9:00", "9:30"),
        ("at 9:30 for 45 minutes", "9:45"),
        ("version 2.3.1", "version 2.3"),
        ("error E1042", "error F1042"),
        ("SHA-256", "SHA-512"),
        ("12345678901234567890123456789012", "12345678901234567890123456789013"),
        ("https://a.example/x", "https://a.example/y"),
        ("https://a.example", "https://a.example.evil.test"),
        ("https://a.example", "https://a.example/?q=1"),
        ("https://a.example", "http://a.example"),
        ("a.example", "evil.test"),
        ("me@a.example", "you@a.example"),
        ("a javascript file", "javascript:alert(1)"),
        ("everyone", "@everyone"),
        ("/x", "//x"),
    ],
)
def test_another_fact(source: str, claim: str) -> None:
    assert not supports(source, claim)


@pytest.mark.parametrize("text", ["九" * 9_000, "9" * 9_000, "九" * 9_000 + "天", "1万" * 4_000])
def test_absurd_numbers_are_read_all_the_same(text: str) -> None:
    assert known(text)
    assert is_supported(("number", "7", "day"), known(text)) is False


@pytest.mark.parametrize(
    "text",
    [
        "One day you may want this, and it may be one of many.",
        "有一天，一些人会这样做",
        "Open Settings: Fields, e.g. the first.",
        "点击设置：字段。然后保存",
    ],
)
def test_ordinary_words_state_no_fact(text: str) -> None:
    assert stated(text) == frozenset()
