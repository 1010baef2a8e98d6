import pytest

from bot.domain.conversation import Locale
from bot.domain.knowledge import OWN_PAGES, ArticleAddress


@pytest.mark.parametrize(
    ("path", "anchor", "url"),
    [
        ("en/a.md", None, "/kb/en/a.md"),
        ("en/a.md", "b", "/kb/en/a.md#b"),
        ("zh/看板.md", "添加列", "/kb/zh/%E7%9C%8B%E6%9D%BF.md#%E6%B7%BB%E5%8A%A0%E5%88%97"),
        ("a b?c#d&e%f.md", 'g"h/i', "/kb/a%20b%3Fc%23d%26e%25f.md#g%22h%2Fi"),
        ("{stem}.md", "{path}", "/kb/%7Bstem%7D.md#%7Bpath%7D"),
    ],
)
def test_an_article_has_an_address_here(path: str, anchor: str | None, url: str) -> None:
    assert OWN_PAGES.url(path, anchor, Locale.EN) == url


@pytest.mark.parametrize(
    ("template", "url"),
    [
        ("https://h.example/{path}", "https://h.example/zh/a.b.md"),
        ("https://h.example/{stem}.html#{anchor}", "https://h.example/zh/a.b.html#c"),
        ("http://h.example:8080/?l={locale}&p={path}&a={anchor}",
         "http://h.example:8080/?l=zh&p=zh/a.b.md&a=c"),
    ],
)  # fmt: skip
def test_an_article_has_an_address_elsewhere(template: str, url: str) -> None:
    assert ArticleAddress(template).url("zh/a.b.md", "c", Locale.ZH) == url


@pytest.mark.parametrize("path", ["a", "d.e/a"])
def test_a_name_without_an_ending_is_its_stem(path: str) -> None:
    assert ArticleAddress("https://h.example/{stem}").url(path, None, Locale.EN).endswith(path)


@pytest.mark.parametrize(
    "template",
    [
        "", "{path}", "/{path}", "/kb/{path}", "//h.example/{path}", "ftp://h.example/{path}",
        "javascript:alert({path})//https://h.example/", "https://{path}/", "https://h.example{path}",
        "https://u@h.example/{path}", "https://h.example\\@x/{path}", "https://h.example/",
        "https://h.example/{anchor}", "https://h.example/{path}{other}", "https://h.example/{}{path}",
        "https://h.example/{path!r}", "https://h.example/{path:>9}", "https://h.example/{path.real}",
        "https://h.example/{path[0]}", "https://h.example/{path", "https://h.example/ {path}",
        "https://h.example/帮助/{path}", " https://h.example/{path}", "https://h.example/\n{path}",
    ],
)  # fmt: skip
def test_what_makes_no_address_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        ArticleAddress(template)
