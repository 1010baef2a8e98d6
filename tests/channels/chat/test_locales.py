"""Which language a text is in, as far as can be seen."""

import pytest

from bot.channels.chat.locales import locale_of
from bot.domain.conversation import Locale


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("How?", Locale.EN),
        ("怎么导出？", Locale.ZH),
        ("Export 怎么用", Locale.ZH),
        ("12345 !?", Locale.ZH),
        ("", Locale.ZH),
    ],
)
def test_a_guess(text: str, locale: Locale) -> None:
    assert locale_of(text, Locale.ZH) is locale
