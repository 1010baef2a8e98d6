"""Whether a mail is from whom it says, as far as a host that is trusted has looked (RFC 8601).

Anybody can write such a result into a mail. Only the one of the own mail server counts, which
removes those that claim to be its own. Even in that one stand words of strangers, quoted.
"""

import re
from collections.abc import Sequence
from email.message import Message

_RESULT = re.compile(r"\s*(dmarc|dkim|spf)\s*=\s*(\w+)(.*)", re.IGNORECASE | re.DOTALL)
_SIGNED = re.compile(r"(?:header\.d|header\.i|smtp\.mailfrom)\s*=\s*([^\s]+)", re.IGNORECASE)
_FROM = re.compile(r"header\.from\s*=\s*([^\s]+)", re.IGNORECASE)


def is_authentic(message: Message, trusted_host: str, sender: str) -> bool | None:
    """None where no host is trusted, or where it found nothing either way."""
    if not trusted_host:
        return None
    results = _results(message, trusted_host)
    domain = sender.rpartition("@")[2]
    dmarc = {result: found for method, result, found in results if method == "dmarc"}
    if "fail" in dmarc:
        return False
    if "pass" in dmarc:  # of the sender that the host read, which is to be the one read here
        named = _domains(_FROM, dmarc["pass"])
        return not named or _is_one_of(named, domain)
    for method, result, found in results:
        passed = method in ("dkim", "spf") and result == "pass"
        if passed and _is_one_of(_domains(_SIGNED, found), domain):
            return True
    return None


def _results(message: Message, trusted_host: str) -> Sequence[tuple[str, str, str]]:
    """Of the topmost statement of that host, which its own server wrote last."""
    for value in message.get_all("Authentication-Results", []):
        host, *methods = _statements(str(value))
        if (host.split() or [""])[0].lower() != trusted_host.lower():
            continue
        found = [_RESULT.match(one) for one in methods]
        return [(one[1].lower(), one[2].lower(), one[3]) for one in found if one]
    return ()


def _statements(value: str) -> Sequence[str]:
    """Without comments; what is quoted ends none, and states nothing."""
    kept, depth, is_quoted = [], 0, False
    characters = iter(value)
    for character in characters:
        if character == "\\":
            next(characters, None)
        elif character == '"' and not depth:
            is_quoted = not is_quoted
        elif is_quoted:
            kept.append("" if character in "; \t\r\n=" else character)
        elif character == "(":
            depth += 1
        elif character == ")":
            depth = max(0, depth - 1)
        elif not depth:
            kept.append(character)
    if depth or is_quoted:  # by a stranger's words, which hide what follows them
        kept.append("; dmarc=fail")
    return "".join(kept).split(";")


def _domains(name: re.Pattern[str], found: str) -> Sequence[str]:
    return [one.rpartition("@")[2].lower().rstrip(".") for one in name.findall(found)]


def _is_one_of(domains: Sequence[str], domain: str) -> bool:
    """Of the domain or of one that it belongs to."""
    return any(one == domain or domain.endswith(f".{one}") for one in domains if "." in one)
