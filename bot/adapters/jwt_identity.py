"""Identity tokens (JWT, RFC 7519) that the company signs for its customers.

Which algorithm is used follows from the configured key, never from what a token says of itself.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import jwt
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from bot.domain.conversation import Locale, now
from bot.domain.customer import Customer, IdentityRefused, RefusalReason, Tier
from bot.domain.errors import ConfigurationError

MAX_TOKEN_LENGTH = 4096
MAX_LIFETIME_S = 3600
LEEWAY_S = 60  # how far two clocks may be apart
MIN_SECRET_BYTES = 32
MAX_KEYS = 2  # the current one, and the one it replaces
PUBLIC_KEY_ALGORITHMS = ("RS256", "ES256", "EdDSA")

# Control characters, lone surrogates, and marks that turn the direction of what follows them.
NOT_IN_A_LINE = re.compile(
    "[\x00-\x1f\x7f-\x9f\ud800-\udfff\u200e\u200f\u2028-\u202e\u2066-\u2069]"
)

_jws = jwt.PyJWS()


@dataclass(frozen=True, slots=True)
class Key:
    id: str  # as the `kid` of a token names it; empty when no token can
    algorithm: str
    material: Any  # bytes of a secret, or a public key as the library prepared it


def load_key(text: str, key_id: str = "", name: str = "secret") -> Key:
    """A shared secret, or a public key in PEM; `name` is what an error calls it.

    Raises ConfigurationError, which never shows the key.
    """
    if "-----BEGIN" in text:
        return _load_public_key(text, key_id, name)
    secret = text.encode()
    if len(secret) < MIN_SECRET_BYTES:
        raise ConfigurationError(
            f"{name} is {len(secret)} bytes long, at least {MIN_SECRET_BYTES} are needed; "
            "make one with: openssl rand -base64 32"
        )
    try:
        return Key(key_id, "HS256", jwt.get_algorithm_by_name("HS256").prepare_key(secret))
    except jwt.PyJWTError:
        raise ConfigurationError(f"{name} is no shared secret; use random characters") from None


def _load_public_key(text: str, key_id: str, name: str) -> Key:
    if "PRIVATE KEY" in text:
        raise ConfigurationError(f"{name} is a private key; give the bot the public one only")
    for algorithm in PUBLIC_KEY_ALGORITHMS:
        signer = jwt.get_algorithm_by_name(algorithm)
        try:
            material = signer.prepare_key(text.encode())
        except (jwt.PyJWTError, ValueError, TypeError):
            continue  # of another kind
        if weakness := signer.check_key_length(material):
            raise ConfigurationError(f"{name}: {weakness}")
        return Key(key_id, algorithm, material)
    raise ConfigurationError(
        f"{name} is no public key this bot can use; give an RSA, P-256 or Ed25519 key in PEM"
    )


def _clean_line(value: object) -> object:
    """Without what would break a line, a log or a database; empty means not given."""
    if not isinstance(value, str):
        return value
    return " ".join(NOT_IN_A_LINE.sub(" ", value).split()) or None


def _require_exact(text: str) -> str:
    # Nothing is cut or replaced here: two customers must never become one.
    if not text.isprintable() or text != text.strip():
        raise ValueError("control characters or space around it")
    return text


def _to_locale(tag: str | None) -> Locale | None:
    """A language the bot does not speak is no reason to refuse a customer."""
    language = (tag or "").replace("_", "-").partition("-")[0].lower()
    return Locale(language) if language in set(Locale) else None


Moment = Annotated[float, Field(strict=True, ge=0, le=1e11, allow_inf_nan=False)]
Subject = Annotated[
    str, StringConstraints(min_length=1, max_length=255), AfterValidator(_require_exact)
]
Name = Annotated[
    Annotated[str, StringConstraints(max_length=200)] | None,
    BeforeValidator(_clean_line),
]
Email = Annotated[
    Annotated[str, StringConstraints(max_length=254, pattern=r"^[^\s@<>,;]+@[^\s@<>,;]+$")] | None,
    BeforeValidator(_clean_line),
]
Language = Annotated[str | None, Field(max_length=35)]  # a language tag


class Claims(BaseModel):
    """What a token may say, with its bounds; other claims are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    sub: Subject
    aud: str | list[str]
    exp: Moment
    nbf: Moment | None = None
    iat: Moment | None = None
    name: Name = None
    email: Email = None
    organisation: Name = None
    tier: Annotated[Tier, Field(strict=False)] | None = None
    locale: Language = None


class JwtVerifier:
    def __init__(
        self, keys: Sequence[Key], audience: str, clock: Callable[[], datetime] = now
    ) -> None:
        if not 1 <= len(keys) <= MAX_KEYS:
            raise ConfigurationError(f"there must be 1 to {MAX_KEYS} identity keys")
        named = [key.id for key in keys if key.id]
        if len(named) != len(set(named)):
            raise ConfigurationError("two identity keys have the same id; give each its own")
        if not audience:
            raise ConfigurationError("the identity audience is empty; name one")
        self._keys = tuple(keys)
        self._audience = audience
        self._clock = clock

    def verify(self, token: str) -> Customer:
        if len(token) > MAX_TOKEN_LENGTH:
            raise IdentityRefused(RefusalReason.TOO_LONG)
        claims = _parse_claims(self._open(token))
        self._check_audience(claims)
        self._check_times(claims)
        return Customer(
            id=claims.sub,
            name=claims.name,
            email=claims.email,
            organisation=claims.organisation,
            tier=claims.tier or Tier.BASIC,
            locale=_to_locale(claims.locale),
        )

    def _open(self, token: str) -> bytes:
        """The signed content."""
        header = _read_header(token)
        candidates = [
            key for key in self._keys if "kid" not in header or header["kid"] == key.id != ""
        ]
        if not candidates:
            raise IdentityRefused(RefusalReason.UNKNOWN_KEY)
        matching = [key for key in candidates if key.algorithm == header.get("alg")]
        if not matching:
            raise IdentityRefused(RefusalReason.WRONG_ALGORITHM)
        for key in matching:
            try:
                decoded = _jws.decode_complete(token, key.material, algorithms=[key.algorithm])
            except jwt.InvalidSignatureError:
                continue
            except jwt.PyJWTError:
                raise IdentityRefused(RefusalReason.MALFORMED) from None
            content: bytes = decoded["payload"]
            return content
        raise IdentityRefused(RefusalReason.BAD_SIGNATURE)

    def _check_audience(self, claims: Claims) -> None:
        audiences = [claims.aud] if isinstance(claims.aud, str) else claims.aud
        if self._audience not in audiences:
            raise IdentityRefused(RefusalReason.WRONG_AUDIENCE)

    def _check_times(self, claims: Claims) -> None:
        at_s = self._clock().timestamp()
        if claims.exp <= at_s - LEEWAY_S:
            raise IdentityRefused(RefusalReason.EXPIRED)
        if claims.exp > at_s + MAX_LIFETIME_S + LEEWAY_S:
            raise IdentityRefused(RefusalReason.EXPIRY_TOO_FAR)
        if max(claims.nbf or 0, claims.iat or 0) > at_s + LEEWAY_S:
            raise IdentityRefused(RefusalReason.NOT_YET_VALID)


def _read_header(token: str) -> Mapping[str, Any]:
    """Only to choose the key: nothing in it is believed."""
    try:
        return _jws.get_unverified_header(token)
    except (jwt.PyJWTError, UnicodeEncodeError):
        raise IdentityRefused(RefusalReason.MALFORMED) from None


def _parse_claims(content: bytes) -> Claims:
    try:
        claims = json.loads(content)
    except (ValueError, RecursionError):
        raise IdentityRefused(RefusalReason.MALFORMED) from None
    if not isinstance(claims, dict):
        raise IdentityRefused(RefusalReason.MALFORMED)
    try:
        return Claims.model_validate(claims)
    except ValidationError as error:
        missing = any(found["type"] == "missing" for found in error.errors())
        reason = RefusalReason.MISSING_CLAIM if missing else RefusalReason.INVALID_CLAIM
        raise IdentityRefused(reason) from None
