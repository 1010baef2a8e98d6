"""How Chinese characters sound, without their tones."""

import os
from functools import cache


@cache
def sound(character: str) -> str:
    """Its commonest reading in pinyin."""
    # Readings of whole phrases take 40 MB, and a character alone needs none of them.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin import lazy_pinyin

    return str(lazy_pinyin(character)[0])
