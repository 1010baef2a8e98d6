"""Which mails machines sent: nobody answers those, so that no two machines answer each other."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from email.message import Message
from functools import cache
from pathlib import Path

PATTERNS = Path(__file__).with_name("automatic.toml")

# RFC 3834, RFC 2919, RFC 2369, and what was used before them; a pattern for the value of each.
HEADERS: Mapping[str, str] = {
    "Auto-Submitted": r"(?!\s*no\b).+",
    "Precedence": r"\s*(?:bulk|junk|list|auto[_-]?reply)\b.*",
    "X-Auto-Response-Suppress": r".*\b(?:All|AutoReply|OOF)\b.*",
    "X-Autoreply": r".*",
    "X-Autorespond": r".*",
    "X-Autoresponder": r".*",
    "X-AutoReply-From": r".*",
    "X-Mail-Autoreply": r".*",
    "X-Failed-Recipients": r".*",
    "X-Loop": r".*",
    "List-Id": r".*",
    "List-Unsubscribe": r".*",
    "List-Post": r".*",
    "List-Help": r".*",
    "List-Owner": r".*",
}
_REPORT = "multipart/report"
_MESSAGE_ID = re.compile(r"^(?:Message-ID|Original-Message-ID):\s*<([^<>\s]{1,900})>", re.I | re.M)


def automatic_sign(message: Message, sender: str, subject: str) -> str | None:
    """The name of what gives the machine away; None for a person's mail."""
    for name, value in HEADERS.items():
        given = message.get(name)
        if given is not None and re.fullmatch(value, _flat(given), re.IGNORECASE):
            return name
    if _flat(message.get("Return-Path", "")) == "<>":
        return "Return-Path"
    if message.get_content_type() == _REPORT:
        return _REPORT
    if any(pattern.search(sender) for pattern in _patterns("senders")):
        return "From"
    if any(pattern.search(subject) for pattern in _patterns("subjects")):
        return "Subject"
    return None


def bounced_mail(message: Message) -> str | None:
    """The Message-ID of the mail that a report says did not arrive."""
    if message.get_content_type() != _REPORT:
        return None
    kind = str(message.get_param("report-type", "")).lower()
    if kind not in ("delivery-status", "") or not _has_failed(message):
        return None
    return next((found for part in message.walk() for found in _original(part)), None)


def _has_failed(message: Message) -> bool:
    """A delay is no failure: the mail may still arrive."""
    statuses = [
        one for one in message.walk() if one.get_content_type() == "message/delivery-status"
    ]
    fields = [str(part.get("Action", "")) for status in statuses for part in status.walk()]
    return any(field.strip().lower() == "failed" for field in fields)


def _original(part: Message) -> Iterator[str]:
    payload = part.get_payload()
    if part.get_content_type() == "text/rfc822-headers" and isinstance(payload, str):
        yield from _MESSAGE_ID.findall(payload)
    if part.get_content_type() == "message/rfc822" and isinstance(payload, list):
        for mail in (one for one in payload if isinstance(one, Message)):
            yield from _MESSAGE_ID.findall(f"Message-ID: {_flat(mail.get('Message-ID', ''))}")


def _flat(value: object) -> str:
    return " ".join(str(value).split())


@cache
def _patterns(name: str) -> Sequence[re.Pattern[str]]:
    found = tomllib.loads(PATTERNS.read_text("utf-8"))[name]
    return tuple(re.compile(one, re.IGNORECASE) for one in found)
