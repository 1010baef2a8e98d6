"""Which of the two languages an article is written in."""

import re

_TAGS = {"zh": "zh", "cn": "zh", "chinese": "zh", "en": "en", "english": "en"}
_TAG = re.compile(r"(zh|cn|en)(?:[-_.][a-z]{2,4}){0,2}", re.IGNORECASE)
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_WORD = re.compile(r"[^\W\d_\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]{2,}")
HAN_SHARE = 0.25


def locale_of_tag(tag: str) -> str | None:
    """`zh-Hans`, `zh_CN`, `cn.zh-cn` are Chinese; `en-GB` is English; others are neither."""
    tag = tag.strip()
    if tag.lower() in _TAGS:
        return _TAGS[tag.lower()]
    match = _TAG.fullmatch(tag)
    return _TAGS[match[1].lower()] if match else None


def locale_of_path(path: str) -> str | None:
    """By the innermost folder named as a language, or a name such as `install.zh-CN.md`."""
    *folders, name = path.split("/")
    pieces = name.split(".")
    candidates = [*folders, *pieces[1:-1]]
    return next(filter(None, map(locale_of_tag, reversed(candidates))), None)


def detect_locale(text: str) -> str:
    """Chinese when Han characters are a fair share of what is written; a Latin word counts one."""
    han = len(_HAN.findall(text))
    return "zh" if han and han / (han + len(_WORD.findall(text))) >= HAN_SHARE else "en"
