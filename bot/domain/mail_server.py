"""Where mail is fetched from or handed to, as a setting writes it."""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

DEFAULT_PORTS = {
    "smtps": 465,
    "smtp": 587,
    "smtp+plain": 25,
    "imaps": 993,
    "imap": 143,
    "imap+plain": 143,
}


class Security(StrEnum):
    TLS = "tls"  # from the first byte on
    STARTTLS = "starttls"  # required, not just tried
    NONE = "none"


@dataclass(frozen=True, slots=True)
class MailServer:
    host: str
    port: int
    security: Security


def parse_server(url: str, protocol: str) -> MailServer:
    """`smtps://host`, `smtp://host:587` (STARTTLS), `smtp+plain://localhost:25`, likewise imap;
    raises ValueError."""
    parts = urlsplit(url)
    schemes = {f"{protocol}s": Security.TLS, protocol: Security.STARTTLS}
    schemes[f"{protocol}+plain"] = Security.NONE
    security = schemes.get(parts.scheme)
    bare = not (parts.username or parts.password or parts.path.strip("/") or parts.query)
    if security is None or not parts.hostname or not bare:
        raise ValueError(f"a server is written as {protocol}s://mail.example.com")
    return MailServer(parts.hostname, parts.port or DEFAULT_PORTS[parts.scheme], security)
