"""Whether a mail is from whom it says, as far as a host that is trusted has looked (RFC 8601).

Anybody can write such a result into a mail. Only the one of the own mail server counts, which
removes those that claim to be its own.
"""

import re
from email.message import Message

_COMMENT = re.compile(r"\([^()]*\)")
_RESULT = re.compile(r"^\s*(dmarc|dkim|spf)\s*=\s*(\w+)(.*)$", re.IGNORECASE | re.DOTALL)
_DOMAIN = re.compile(r"(?:header\.d|header\.i|smtp\.mailfrom)\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)


def is_authentic(message: Message, trusted_host: str, sender: str) -> bool | None:
    """None where no host is trusted, or where it found nothing either way."""
    if not trusted_host:
        return None
    results = _results(message, trusted_host)
    for method, result, _ in results:
        if method == "dmarc" and result in ("pass", "fail"):
            return result == "pass"
    domain = sender.rpartition("@")[2]
    for method, result, properties in results:
        if method in ("dkim", "spf") and result == "pass" and _is_aligned(properties, domain):
            return True
    return None


def _results(message: Message, trusted_host: str) -> list[tuple[str, str, str]]:
    """Of the topmost statement of that host, which its own server wrote last."""
    for value in message.get_all("Authentication-Results", []):
        host, *methods = _COMMENT.sub(" ", str(value)).split(";")
        if (host.split() or [""])[0].lower() != trusted_host.lower():
            continue
        found = [_RESULT.match(one) for one in methods]
        return [(one[1].lower(), one[2].lower(), one[3]) for one in found if one]
    return []


def _is_aligned(properties: str, domain: str) -> bool:
    found = [one.rpartition("@")[2].lower().rstrip(".") for one in _DOMAIN.findall(properties)]
    return any(one == domain or domain.endswith(f".{one}") for one in found if "." in one)
