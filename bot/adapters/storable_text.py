"""What every store refuses alike, so that a text kept in one can be moved to any other."""

from bot.domain.errors import StoreError
from bot.domain.ticket_change import TicketChange


def check_storable(*texts: str | None) -> None:
    """Raises StoreError for NUL and lone surrogates, which PostgreSQL and UTF-8 cannot hold."""
    for text in texts:
        if text and ("\x00" in text or not _is_utf8(text)):
            raise StoreError("the text holds NUL or a lone surrogate; replace it at the edge")


def check_change(change: TicketChange) -> None:
    """The same for what is said and noted with a ticket's change."""
    check_storable(change.values.get("contact"))
    for message in change.messages:
        check_storable(message.text, message.client_message_id)
    if change.note is not None:
        check_storable(change.note.text)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
