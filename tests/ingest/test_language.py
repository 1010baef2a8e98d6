import pytest

from ingest.language import detect_locale, locale_of_path, locale_of_tag


@pytest.mark.parametrize(
    ("tag", "locale"),
    [
        *(
            (tag, "zh")
            for tag in ("zh", "zh-CN", "zh_cn", "zh-Hans", "zh-Hans-CN", "cn", "cn.zh-cn")
        ),
        *((tag, "en") for tag in ("en", "EN", "en-US", "en_GB", "English")),
        *((tag, None) for tag in ("fr", "de-DE", "end", "china", "", "zhuyin", "english-docs")),
    ],
)
def test_language_tags(tag: str, locale: str | None) -> None:
    assert locale_of_tag(tag) == locale


@pytest.mark.parametrize(
    ("path", "locale"),
    [
        ("zh/a.md", "zh"),
        ("docs/zh-CN/setup/a.md", "zh"),
        ("en/zh/a.md", "zh"),
        ("README.zh-CN.md", "zh"),
        ("en/a.zh.md", "zh"),
        ("docs/en_US/a.md", "en"),
        ("zh.md", None),
        ("guide/a.md", None),
        ("environment/a.en-terprise.md", None),
    ],
)
def test_the_innermost_name_of_a_language_decides(path: str, locale: str | None) -> None:
    assert locale_of_path(path) == locale


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("如何创建任务", "zh"),
        ("在 Settings 中点击 New task 按钮即可创建任务", "zh"),
        ("How to create a task", "en"),
        ("The button 新建 creates a task in the project that is open", "en"),
        ("", "en"),
        ("12345 !?", "en"),
    ],
)
def test_the_share_of_han_characters_decides(text: str, locale: str) -> None:
    assert detect_locale(text) == locale
