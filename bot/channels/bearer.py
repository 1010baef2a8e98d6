"""How a token travels: `Authorization: Bearer TOKEN` (RFC 6750)."""


def bearer_token(authorization: str) -> str | None:
    """None where the header carries no such token."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None
