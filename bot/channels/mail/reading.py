"""A mail as it came, turned into what it says; nothing in it is believed, and nothing opened."""

import re
from collections.abc import Iterator, Sequence
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses
from hashlib import sha256

from bot.channels.mail.automatic import automatic_sign, bounced_mail
from bot.channels.mail.html import text_of
from bot.channels.mail.origin import is_authentic
from bot.channels.mail.parsing import parse_mail
from bot.channels.mail.quoting import own_words
from bot.domain.errors import BotError
from bot.domain.mail import MOST_REFERENCES, IncomingMail
from bot.domain.text import replace_unstorable

LARGEST_MAIL = 30 * 1024 * 1024  # bytes
MOST_ATTACHMENTS = 20
LONGEST_SUBJECT = 300
LONGEST_NAME = 120
LONGEST_ADDRESS = 254

# What the programs of a region call what they really write.
CHARSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "hz-gb-2312": "hz",
    "big5": "cp950",
    "x-x-big5": "cp950",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "unknown-8bit": "utf-8",
    "default": "utf-8",
    "utf8": "utf-8",
    # No charsets of mails; they take minutes for a megabyte.
    "punycode": "utf-8",
    "idna": "utf-8",
}
GUESSES = ("utf-8", "gb18030", "cp950")
_ADDRESS = re.compile(r"[^\s@<>\"(),:;\\\[\]]+@[^\s@<>\"(),:;\\\[\]]+\.[^\s@<>\"(),:;\\\[\]]+")
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,900})>")


class MailUnreadable(BotError):
    """It is no mail, or has no sender."""


def read_mail(raw: bytes, trusted_host: str = "") -> IncomingMail:
    """Raises MailUnreadable. Computes, so call it in a thread."""
    if len(raw) > LARGEST_MAIL:
        raise MailUnreadable(f"larger than {LARGEST_MAIL} bytes")
    try:
        return _read(raw, trusted_host)
    except (MessageError, LookupError, ValueError, TypeError, AttributeError, RecursionError) as e:
        # The standard library's parser fails on some broken mails with whatever comes.
        raise MailUnreadable(f"cannot be parsed: {type(e).__name__}") from e


def _read(raw: bytes, trusted_host: str) -> IncomingMail:
    message = parse_mail(raw)
    senders = addresses(header(message, "From"))
    if not senders:
        raise MailUnreadable("it has no sender")
    if len(message.get_all("From", [])) > 1:  # another program may believe another one
        raise MailUnreadable("it has several senders")
    name, sender = senders[0]
    answered = addresses(header(message, "Reply-To"))
    given = message_ids(header(message, "Message-ID"))
    plain, whole = _texts(message)
    subject = _one_line(header(message, "Subject"))[:LONGEST_SUBJECT]
    return IncomingMail(
        message_id=given[0] if given else f"{sha256(raw).hexdigest()[:32]}@without-id",
        sender=sender,
        sender_name=_one_line(name)[:LONGEST_NAME],
        reply_to=answered[0][1] if len(answered) == 1 else sender,
        subject=subject,
        text=replace_unstorable(plain),
        whole_text=replace_unstorable(whole.replace("\r\n", "\n")),
        references=_references(message),
        attachments=tuple(_attachments(message)),
        automatic=automatic_sign(message, sender, subject),
        bounced=bounced_mail(message),
        authentic=is_authentic(message, trusted_host, sender),
    )


def header(message: Message, name: str) -> str:
    """Decoded, whatever is broken in it; empty where there is none."""
    value = message.get(name)
    if value is None:
        return ""
    text = str(value) if isinstance(value, str) else _raw(value)
    try:
        parts = decode_header(text)
    except (MessageError, ValueError):
        parts = [(text, None)]
    return replace_unstorable("".join(_decoded(part, charset) for part, charset in parts))


def _raw(value: object) -> str:
    """Eight-bit bytes in a header come as an object that would replace each of them."""
    chunks = getattr(value, "_chunks", ())
    return "".join(text for text, _ in chunks) or str(value)


def _decoded(part: str | bytes, charset: str | None) -> str:
    if isinstance(part, str):
        part = part.encode("utf-8", "surrogateescape")
    return decode(part, charset)


def decode(content: bytes, charset: str | None) -> str:
    """In the charset that is named where that fits, else in the first that does."""
    named = CHARSETS.get((charset or "").strip().lower(), (charset or "").strip().lower())
    for guess in (named, *GUESSES):
        try:
            return content.decode(guess)
        except (LookupError, ValueError):
            continue
    return content.decode(named if named in GUESSES else "utf-8", "replace")


def addresses(text: str) -> Sequence[tuple[str, str]]:
    """Names and addresses in lower case, those that mail can be sent to."""
    found = getaddresses([_one_line(text)])
    return [
        (name, address.lower())
        for name, address in found
        if len(address) <= LONGEST_ADDRESS and _ADDRESS.fullmatch(address)
    ]


def message_ids(text: str) -> Sequence[str]:
    return _MESSAGE_ID.findall(_one_line(text))


def _references(message: Message) -> tuple[str, ...]:
    named = [
        *message_ids(header(message, "References")),
        *message_ids(header(message, "In-Reply-To")),
    ]
    return tuple(dict.fromkeys(named))[-MOST_REFERENCES:]


def _texts(message: Message) -> tuple[str, str]:
    """What was written now, and everything."""
    parts = list(_leaves(message))
    plain = [_content(part) for part in parts if _is_body(part, "text/plain")]
    whole = "\n\n".join(text for text in plain if text.strip())
    if whole:
        return own_words(whole), whole
    html = "\n".join(_content(part) for part in parts if _is_body(part, "text/html"))
    whole = text_of(html, with_quotes=True)
    return own_words(text_of(html)), whole


def _leaves(message: Message) -> Iterator[Message]:
    """Without those of mails that are attached."""
    waiting = [message]
    while waiting:
        part = waiting.pop(0)
        payload = part.get_payload()
        if part.is_multipart() and isinstance(payload, list) and not _is_mail(part):
            waiting[:0] = [one for one in payload if isinstance(one, Message)]
        else:
            yield part


def _is_mail(part: Message) -> bool:
    return part.get_content_maintype() == "message"


def _is_body(part: Message, kind: str) -> bool:
    return part.get_content_type() == kind and not _file_name(part) and not _is_attached(part)


def _is_attached(part: Message) -> bool:
    return str(part.get("Content-Disposition", "")).strip().lower().startswith("attachment")


def _content(part: Message) -> str:
    content = part.get_payload(decode=True)
    return decode(content, part.get_content_charset()) if isinstance(content, bytes) else ""


def _attachments(message: Message) -> Iterator[str]:
    """Pictures that belong to a signature or a text are no attachments."""
    found = [one for one in _leaves(message) if _is_attachment(one)][:MOST_ATTACHMENTS]
    for part in found:
        yield _file_name(part) or part.get_content_type()


def _is_attachment(part: Message) -> bool:
    if _is_attached(part) or _is_mail(part):
        return True
    is_inline = part.get("Content-ID") is not None and part.get_content_maintype() == "image"
    return bool(_file_name(part)) and not is_inline


def _file_name(part: Message) -> str:
    """Only the name: what stands before a slash would be a place."""
    name = part.get_filename() or ""
    try:
        pieces = decode_header(name)
    except (MessageError, ValueError):
        pieces = [(name, None)]
    text = _one_line("".join(_decoded(piece, charset) for piece, charset in pieces))
    return re.split(r"[/\\]", replace_unstorable(text))[-1][:LONGEST_NAME]


def _one_line(text: str) -> str:
    return " ".join(text.split())
