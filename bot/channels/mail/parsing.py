"""The standard library's parser, for mails that somebody would write: headers and parts beyond that
cost it minutes and gigabytes."""

from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import Message
from typing import Any

MOST_LINES = 1_000_000  # 30 MB in Base64 take fewer than half of it
MOST_PARTS = 500
MOST_HEADERS = 1000  # of one part
LONGEST_HEADER = 8192  # characters; what is behind is left out


class MailTooLarge(MessageError):
    """In numbers of lines, parts or headers."""


def parse_mail(raw: bytes) -> Message:
    """Raises MessageError, and whatever else the parser fails with on broken mails."""
    if max(raw.count(b"\n"), raw.count(b"\r")) > MOST_LINES:
        raise MailTooLarge("lines")
    count = 0

    def new_part(*args: Any, **options: Any) -> Message:
        nonlocal count
        count += 1
        if count > MOST_PARTS:
            raise MailTooLarge("parts")
        return _Part(*args, **options)

    return message_from_bytes(raw, new_part, policy=policy.compat32)


class _Part(Message):
    def set_raw(self, name: str, value: str) -> None:
        if len(self) >= MOST_HEADERS:
            raise MailTooLarge("headers")
        super().set_raw(name, value[:LONGEST_HEADER])
