"""What webhooks of chat programs are proved by: when it was signed, and that it was."""

import hmac

OLDEST_S = 300  # what is older, or is dated so far ahead, somebody may have overheard
LONGEST_TIMESTAMP = 15  # digits


def is_recent(
    timestamp: str, now_s: float, oldest_s: float = OLDEST_S, per_second: int = 1
) -> bool:
    """`timestamp`: as it was sent, a count since 1970."""
    if not (timestamp.isascii() and timestamp.isdigit()) or len(timestamp) > LONGEST_TIMESTAMP:
        return False
    return abs(now_s - int(timestamp) / per_second) <= oldest_s


def is_same(expected: str, given: str) -> bool:
    """Compared in a time that tells nothing of where they differ."""
    return hmac.compare_digest(expected.encode(), given.encode(errors="replace"))
