"""Takes out of a text what points to a person; the same thing gets the same mask everywhere.

Eager where the bot's own masking is precise: a case is read by many, and loses nothing by a number.
"""

import re
from collections.abc import Callable

from bot.services.personal_data import Kind, find

NAMES = {
    Kind.EMAIL: "email",
    Kind.KEY: "token",
    Kind.CODE: "secret",
    Kind.IDENTITY: "identity number",
    Kind.ACCOUNT: "bank account",
    Kind.CARD: "card",
    Kind.ADDRESS: "address",
    Kind.PHONE: "phone",
}

# The hundred most frequent ones.
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏"
    "魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵"
    "万钱严覃武戴莫孔向汤"
)
Pattern = tuple[str, re.Pattern[str]]

# The first that matches wins, so what is longer or surer stands first. Group 1, where there is
# one, is what is masked.
PATTERNS: tuple[Pattern, ...] = (
    # A link may stay when it leads to a page and not to somebody's thing.
    (
        "link",
        re.compile(
            r"https?://[^\s<>\"'，。；）]*(?:\d{3,}|[?#@]|[0-9a-fA-F-]{16,})[^\s<>\"'，。；）]*"
        ),
    ),
    ("address", re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b")),
    ("identity number", re.compile(r"(?<!\d)\d{6}(?:19|20)\d{9}[\dXx](?!\d)")),
    ("card", re.compile(r"(?<![\d-])\d(?:[ -]?\d){12,18}(?![\d-])")),
    (
        "id",
        re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"),
    ),
    ("id", re.compile(r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{16,}\b", re.IGNORECASE)),
    ("phone", re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)|(?<![\w.])(?:\+|00)\d{7,14}(?!\d)")),
    (
        "phone",
        re.compile(
            r"(?<![\w.-])(?!\d{4}-\d\d-\d\d(?!\d))(?=(?:[ ().+-]*\d){7})"
            r"\+?\(?\d{1,4}\)?(?:[ .-]\(?\d{2,7}\)?){1,5}(?![\w-])"
        ),
    ),
    ("number", re.compile(r"(?<![\d.,])\d{6,}(?![\d.,]\d)")),
    ("number", re.compile(r"\b[A-Z]{2,5}-?\d{5,}\b")),
    (
        "name",
        re.compile(
            r"(?:\b(?:[Mm]y name is|[Mm]y name's|[Ii]'m called|[Tt]his is|[Ii] am|[Ii]'m"
            r"|[Hh]i,? [Ii]'m|[Dd]ear|[Hh]ello|[Hh]i|[Hh]ey|Mr\.?|Mrs\.?|Ms\.?|Dr\.?"
            r"|[Tt]hanks,|[Rr]egards,|[Bb]est,|[Cc]heers,|[Ss]incerely,))\s+(?!(?:Mr|Mrs|Ms|Dr)\b)"
            r"([A-Z][a-z]+(?:[ -][A-Z][a-z]+){0,2})"
        ),
    ),
    (
        "name",
        re.compile(
            r"(?:我叫|我是|名字是|姓名[:：]?|本人)\s*([\u4e00-\u9fff]{2,3})(?=[，。,.!！\s]|$)"
        ),
    ),
    ("name", re.compile(rf"([{SURNAMES}][\u4e00-\u9fff]{{0,2}}?)(?=先生|女士|小姐|经理|总监)")),
)
# What stands where a name could: words that begin a sentence, the product's own, roles.
NO_NAMES = frozenset(
    """
    There Team Everyone Everybody All Support Sir Madam Firstline Admin Guest Member Owner Project
    Business Free Sprint Gantt Kanban Slack How What When Where Why Can Could Is Are Do Does
    这位 那位 一位 客服 项目 产品 管理员 新手 负责人 用户 客户
    """.split()  # noqa: SIM905
)


class Deidentifier:
    """One for all the texts of a conversation."""

    def __init__(self) -> None:
        self._masks: dict[tuple[str, str], str] = {}

    def mask(self, text: str) -> str:
        text = self._mask_sure(text)
        for kind, pattern in PATTERNS:
            text = pattern.sub(self._replacement(kind), text)
        return self._mask_known_names(text)

    def _mask_sure(self, text: str) -> str:
        pieces, position = [], 0
        for found in find(text):
            value = text[found.start : found.end]
            pieces += [text[position : found.start], self._mask(NAMES[found.kind], value)]
            position = found.end
        return "".join([*pieces, text[position:]])

    def _replacement(self, kind: str) -> Callable[[re.Match[str]], str]:
        def replace(match: re.Match[str]) -> str:
            part = match.lastindex or 0
            value = match[part]
            if value in NO_NAMES or value.startswith("["):
                return match[0]
            start, end = (place - match.start() for place in match.span(part))
            return match[0][:start] + self._mask(kind, value) + match[0][end:]

        return replace

    def _mask(self, kind: str, value: str) -> str:
        key = kind, value.casefold()
        number = 1 + sum(known == kind for known, _ in self._masks)
        return self._masks.setdefault(key, f"[{kind} {number}]")

    def _mask_known_names(self, text: str) -> str:
        """A name once given is masked wherever it stands."""
        for (kind, value), mask in self._masks.items():
            if kind == "name" and len(value) > 1:
                edge = r"\b" if value.isascii() else ""
                text = re.sub(f"{edge}{re.escape(value)}{edge}", mask, text, flags=re.IGNORECASE)
        return text
