"""Where a text names something that points to a person or opens a door: kinds and places.

Precise rather than eager: what could as well be a version, a price, a date or the number of a
ticket is left alone. Checksums and numbering plans decide where there are any.
"""

import ipaddress
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files

from phonenumbers import (
    Leniency,
    PhoneNumberMatcher,
    PhoneNumberType,
    number_type,
    region_code_for_number,
)
from stdnum import iban, luhn
from stdnum.cn import ric

_BOOK = tomllib.loads(files("bot.services").joinpath("personal_data.toml").read_text("utf-8"))


class Kind(StrEnum):
    EMAIL = "email"
    KEY = "key"  # or a token
    CODE = "code"  # a password, a code sent to somebody
    IDENTITY = "identity"
    ACCOUNT = "account"  # at a bank
    CARD = "card"
    ADDRESS = "address"  # of a computer
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Found:
    kind: Kind
    start: int
    end: int


Spans = Iterator[tuple[int, int]]
_BEFORE = 24  # characters that tell what a number is


def find(text: str) -> Sequence[Found]:
    """In reading order, none of them overlapping; of two that do, the surer kind stands."""
    found: list[Found] = []
    for kind, look in _LOOKS:
        for start, end in look(text):
            if all(end <= other.start or start >= other.end for other in found):
                found.append(Found(kind, start, end))
    return sorted(found, key=lambda each: each.start)


def _words(name: str) -> str:
    return "|".join(_BOOK[name])


_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])(?!git@)[A-Za-z0-9_%+-][A-Za-z0-9._%+-]{0,63}"
    r"@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,5}\.[A-Za-z]{2,24}",
)
_TOKEN = re.compile(
    r"\beyJ[\w-]{8,}(?:\.[\w-]+){1,2}"
    r"|(?<![A-Za-z0-9])(?:sk|pk|rk|ghp|gho|ghs|github_pat|glpat|xox[abeprs])[-_]"
    r"(?=[\w-]*\d)[\w-]{16,}"
    r"|(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{12,}|(?<![A-Za-z0-9])AIza[\w-]{30,}"
    r"|(?<=[Bb]earer )[\w.~+/=-]{8,}"
    r"|(?<=://)[^\s/:@\[\]]{1,64}:[^\s/@\[\]]{1,64}(?=@)",
    re.ASCII,
)
_SECRET = re.compile(
    rf"(?:{_words('secret_names')})\s{{0,3}}(?P<sign>{_words('secret_signs')})"
    r"\s{0,3}[\"'“‘`]?(?P<value>[!-~]{4,64})",
    re.IGNORECASE,
)
_NO_SECRET = frozenset(_BOOK["no_secrets"].split())
_PLAIN_WORD = re.compile(r"[A-Za-z]?[a-z'’-]+|[A-Z]+")
_CLAUSE_ENDS = re.compile(r"\s*(?:$|[\n,.;!?，。；！？、）)\u3400-\u9fff])")
_IDENTITY = re.compile(r"(?<![\dA-Za-z])\d{17}[\dXx](?![\dA-Za-z])", re.ASCII)
_SOCIAL_SECURITY = re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])", re.ASCII)
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){3,8}(?![A-Za-z0-9])")
_CARD = re.compile(
    r"(?<![\dA-Za-z.-])(?:4|5[1-5]|2[2-7]|3[04-9]|6)\d*(?:[ -]?\d){10,18}(?![\dA-Za-z-])", re.ASCII
)
_IPV4 = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)", re.ASCII)
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{1,4}(?![\w:])", re.ASCII)
_DIGITS = re.compile(r"\d(?:[^\w\n]{0,3}\d){6}", re.ASCII)
_LOOSE_PHONE = re.compile(r"\+?\(?\d{1,5}\)?(?:[ .-]?\(?\d{2,8}\)?){1,5}(?![\w-])", re.ASCII)
_PHONE_AHEAD = re.compile(rf"(?:{_words('phone')})[^\d\n+(]{{0,12}}[+(]?$", re.IGNORECASE)
_NUMBER_AHEAD = re.compile(rf"(?:{_words('numbers')})[^\w\n]{{0,4}}$", re.IGNORECASE)
_OWN_NUMBER = re.compile(f"{_words('phone')}|{_words('cards')}", re.IGNORECASE)
_VERSION_AHEAD = re.compile(rf"(?:{_words('versions')})[^\d\n]{{0,6}}$", re.IGNORECASE)
_ADDRESS_AHEAD = re.compile(rf"(?:{_words('addresses')})[^\d\n]{{0,10}}$", re.IGNORECASE)
_NAME_AHEAD = re.compile(r"(?<![A-Za-z])[A-Z][A-Za-z]+ $", re.ASCII)
# Between two of a kind: "from 12.3.0.1 to 12.3.0.2".
_JOINS = re.compile(r"\s*(?:to|and|or|vs\.?|[,、/–-]|->|→|到|和|或|至)\s*", re.IGNORECASE)
_PRIVATE = tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
_SMALL, _LARGE = 10, 40  # the parts of a version are mostly below the one, its first the other


def _ahead(text: str, start: int) -> str:
    return text[max(0, start - _BEFORE) : start]


def _counts_things(ahead: str) -> bool:
    return bool(_NUMBER_AHEAD.search(ahead)) and not _OWN_NUMBER.search(ahead)


def _spans(pattern: re.Pattern[str]) -> Callable[[str], Spans]:
    return lambda text: (match.span() for match in pattern.finditer(text))


def _secrets(text: str) -> Spans:
    for match in _SECRET.finditer(text):
        value = match["value"].rstrip(".,;!?)\"'`")
        end = match.start("value") + len(value)
        if len(value) >= 4 and _is_secret(value, match["sign"], text[end:]):
            yield match.start("value"), end


def _is_secret(value: str, sign: str, behind: str) -> bool:
    """A plain word is one only where nothing follows that goes on with the sentence."""
    if value.startswith(("[", "<", "{", "*", "$", "http")):
        return False
    if not _PLAIN_WORD.fullmatch(value):
        return any(c.isalnum() for c in value)
    closes = _CLAUSE_ENDS.match(behind) is not None
    return closes and value.lower() not in _NO_SECRET and not value.lower().endswith(("ed", "ing"))


def _identities(text: str) -> Spans:
    for match in _IDENTITY.finditer(text):
        if ric.is_valid(match[0]):
            yield match.span()
    yield from (match.span() for match in _SOCIAL_SECURITY.finditer(text))


def _accounts(text: str) -> Spans:
    return (match.span() for match in _IBAN.finditer(text) if iban.is_valid(match[0]))


def _cards(text: str) -> Spans:
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        is_one = 13 <= len(digits) <= 19 and len(set(digits)) > 1 and luhn.is_valid(digits)
        if is_one and not _counts_things(_ahead(text, match.start())):
            yield match.span()


def _addresses(text: str) -> Spans:
    before, verdict = -1, False
    for match in _IPV4.finditer(text):
        start, end = match.span()
        if before < 0 or not _JOINS.fullmatch(text[before : min(start, before + _BEFORE)]):
            verdict = _is_ipv4(match[0], _ahead(text, start), text[end : end + 6])
        before = end
        if verdict and _parsed(match[0]) is not None:
            yield match.span()
    for match in _IPV6.finditer(text):
        if len(re.findall(r"[0-9A-Fa-f]+", match[0])) > 2 and _parsed(match[0]):
            yield match.span()


def _parsed(value: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(value)
    except ValueError:
        return None


def _is_ipv4(value: str, ahead: str, behind: str) -> bool:
    """Four numbers may be a version as well: what stands around them decides, then their size."""
    address = _parsed(value)
    if address is None or address.is_loopback or address.is_unspecified:
        return False
    if _VERSION_AHEAD.search(ahead):
        return False
    if _ADDRESS_AHEAD.search(ahead) or re.match(r":\d{2,5}\b|/\d", behind) or ahead[-1:] in "@/":
        return bool(ahead) or bool(behind)
    if _NAME_AHEAD.search(ahead):
        return False
    if any(address in network for network in _PRIVATE):
        return True
    first, *others = map(int, value.split("."))
    return first >= _LARGE or sum(part < _SMALL for part in others) < 2


def _phones(text: str) -> Spans:
    if not _DIGITS.search(text):
        return
    for region in ("CN", "US"):
        for match in PhoneNumberMatcher(text, region, leniency=Leniency.VALID):
            written, number = match.raw_string, match.number
            start = match.start + len(written) - len(written.lstrip("(（"))
            start = match.start if ")" in written else start
            shaped = region_code_for_number(number) != region or _is_written_as_phone(
                written, region, number_type(number)
            )
            if shaped and not _counts_things(_ahead(text, match.start)):
                yield start, match.end
    for loose in _LOOSE_PHONE.finditer(text):
        digits = sum(c.isdigit() for c in loose[0])
        if 7 <= digits <= 15 and _PHONE_AHEAD.search(_ahead(text, loose.start())):
            yield loose.span()


def _is_written_as_phone(written: str, region: str, kind: int) -> bool:
    """Nobody's own where anybody may call for free; a bare number of ten digits counts things."""
    if kind in (PhoneNumberType.TOLL_FREE, PhoneNumberType.SHARED_COST, PhoneNumberType.UAN):
        return False
    if written.lstrip().startswith(("+", "00")):
        return True
    if region == "CN":
        return kind == PhoneNumberType.MOBILE or written.lstrip("(（").startswith("0")
    return not written.isdigit()


_LOOKS: Sequence[tuple[Kind, Callable[[str], Spans]]] = (
    (Kind.KEY, _spans(_TOKEN)),
    (Kind.EMAIL, _spans(_EMAIL)),
    (Kind.CODE, _secrets),
    (Kind.IDENTITY, _identities),
    (Kind.ACCOUNT, _accounts),
    (Kind.CARD, _cards),
    (Kind.ADDRESS, _addresses),
    (Kind.PHONE, _phones),
)
