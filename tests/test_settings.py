from collections import Counter
from pathlib import Path

import pytest

from bot.domain.conversation import Locale
from bot.domain.errors import ConfigurationError
from bot.settings import load_settings, settings_table


def test_defaults_need_no_file_and_no_key() -> None:
    settings = load_settings()
    assert settings.embedding.provider == "bundled"
    assert settings.chat.model == ""
    assert settings.index == settings.home / "index"


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "firstline.toml"
    config.write_text('locale = "zh"\n[web]\nport = 9000\nhost = "0.0.0.0"\n')
    monkeypatch.setenv("FIRSTLINE_WEB__PORT", "9001")
    settings = load_settings(config)
    assert (settings.web.port, settings.web.host) == (9001, "0.0.0.0")  # noqa: S104
    assert settings.locale is Locale.ZH


def test_an_unknown_variable_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTLINE_WEB__LATER", "0")
    monkeypatch.setenv("FIRSTLINE_WEB__PORT", "9002")
    assert load_settings().web.port == 9002


def test_a_list_in_the_environment_is_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTLINE_WEB__ORIGINS", "https://a.example, http://b.example:8080")
    monkeypatch.setenv("FIRSTLINE_WEB__TRUSTED_PROXIES", "10.0.0.0/8,::1")
    web = load_settings().web
    assert web.origins == ("https://a.example", "http://b.example:8080")
    assert web.trusted_proxies == ("10.0.0.0/8", "::1/128")


def test_a_list_in_the_file_is_a_list(tmp_path: Path) -> None:
    config = tmp_path / "firstline.toml"
    config.write_text('[web]\norigins = ["https://a.example"]\n')
    assert load_settings(config).web.origins == ("https://a.example",)


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "null",
        "example.com",
        "https://",
        "https://example.com/",
        "https://example.com/help",
        "https://EXAMPLE.com",
        "https://example.com:443",
        "https://example.com:x",
        "https://*.example.com",
        "https://user@example.com",
        "https://例子.中国",
        "ftp://example.com",
        "https://[::1",
    ],
)
def test_what_no_browser_sends_as_an_origin_is_refused(
    origin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRSTLINE_WEB__ORIGINS", origin)
    with pytest.raises(ConfigurationError, match=r"web\.origins"):
        load_settings()


def test_identity_secrets_are_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET", "PREVIOUS_SECRET"):
        monkeypatch.setenv(f"FIRSTLINE_IDENTITY__{name}", "hidden-hidden-hidden-hidden-hidden")
    assert "hidden" not in repr(load_settings())


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[web]\nport = 99999\n", "web.port"),
        ("[web]\nhots = 'x'\n", "web.hots"),
        ("[web]\narticle_url = 'javascript:{path}'\n", "web.article_url"),
        ("[web]\narticle_url = '/kb/{path}#{anchor}'\n", "web.article_url"),
        ("locale = 'fr'\n", "locale"),
        ("[web]\ntrusted_proxies = ['*']\n", "web.trusted_proxies"),
        ("[web]\ntrusted_proxies = ['proxy.example']\n", "web.trusted_proxies"),
        ("[web]\ntrusted_proxies = ['10.0.0.1/8']\n", "web.trusted_proxies"),
        ("[web]\nrate_limit = -1\n", "web.rate_limit"),
        ("[answering]\nthreshold = 2\n", "answering.threshold"),
        ("[sla]\ntimezone = 'Shanghai'\n", "sla.timezone.* no time zone"),
        ("[sla]\nhours = 'Mon-Fri 9 to 5'\n", "sla.hours.* written as"),
        ("[sla]\nexceptions = '2027-02-05'\n", "sla.exceptions.* written as"),
        ("[sla]\nbasic = 'soon'\n", "sla.basic.* written as"),
        ("[sla]\npremium = '4h / 1 day'\n", "sla.premium.* written as"),
        ("not toml", "firstline.toml"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, named: str) -> None:
    config = tmp_path / "firstline.toml"
    config.write_text(text)
    with pytest.raises(ConfigurationError, match=named):
        load_settings(config)


def test_articles_are_shown_here_or_on_a_site_of_ones_own() -> None:
    assert load_settings().article_address.url("a b.md", "c", Locale.EN) == "/kb/a%20b.md#c"
    template = "https://help.example.com/{stem}#{anchor}"
    address = load_settings(web={"article_url": template}).article_address
    assert address.url("a b.md", "c", Locale.EN) == "https://help.example.com/a%20b#c"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no configuration file"):
        load_settings(tmp_path / "none.toml")


def test_secrets_are_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTLINE_STORE__URL", "postgresql+asyncpg://bot:hidden@db/bot")
    settings = load_settings()
    assert "hidden" not in repr(settings)
    assert settings.store_url.endswith("@db/bot")


def test_settings_are_few_and_each_is_explained() -> None:
    table = settings_table()
    of_desks = Counter(row["name"].split(".")[1] for row in table if row["name"].count(".") > 1)
    sections = Counter(row["name"].split(".")[0] for row in table)
    of_chats = [sections[channel] for channel in ("slack", "feishu", "dingtalk")]
    assert len(table) - of_desks.total() - sum(of_chats) <= 50
    assert max(of_chats) <= 10
    assert max(of_desks.values()) <= 6
    assert all(row["meaning"] for row in table)
