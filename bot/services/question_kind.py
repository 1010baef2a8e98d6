"""What kind of answer a question wants, from its wording alone."""

import re
from dataclasses import dataclass

_QUANTITY = re.compile(
    r"\bhow (?:many|much|long|often|big|large|old|soon|fast|far)\b"
    r"|\b(?:limits?|maximum|max|minimum|prices?|costs?|quota)\b"
    r"|多少|几[个天次小分层级人条张位种台]|多[久大长快少]|上限|最[多大长少小]|价格|限[制额]",
    re.IGNORECASE,
)
_HOW = re.compile(
    r"\b(?:how (?:do|can|to|would|should|may)|where|way to|steps?|set up)\b"
    r"|怎么|怎样|如何|步骤|在哪|哪里",
    re.IGNORECASE,
)
_YES_NO = re.compile(
    r"^(?:can|could|does|do|is|are|will|would|may|has|have|did|should|any)\b"
    r"|\b(?:can|does|is|will|am) (?:i|we|it|they|there|the|someone|a|my|our)\b"
    r"|吗|能不能|可不可以|是不是|会不会|有没有|可以[^，。]*[?？]?$|能否|是否|行不行",
    re.IGNORECASE,
)
_WHY = re.compile(
    r"\bwhy\b|\bhow come\b|为什么|为啥|怎么回事|原因|怎么[^，。]*[不没还]", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class QuestionKind:
    quantity: bool
    how: bool
    yes_no: bool
    why: bool

    @property
    def is_any(self) -> bool:
        return self.quantity or self.how or self.yes_no or self.why

    @classmethod
    def of(cls, question: str) -> "QuestionKind":
        return cls(
            quantity=_QUANTITY.search(question) is not None,
            how=_HOW.search(question) is not None,
            yes_no=_YES_NO.search(question) is not None,
            why=_WHY.search(question) is not None,
        )
