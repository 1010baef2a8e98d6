import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as new_ec_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as new_rsa_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from bot.adapters.jwt_identity import JwtVerifier, load_key
from bot.domain.conversation import Locale
from bot.domain.customer import Customer, IdentityRefused, RefusalReason, Tier
from bot.domain.errors import ConfigurationError
from bot.ports import IdentityVerifier
from tests.adapters.jwt_cases import (
    AT_S,
    AUDIENCE,
    CLAIMS,
    FOREIGN,
    NOON,
    PREVIOUS,
    PROFILE,
    SECRET,
    Case,
    cases,
    sign,
    token,
)
from tests.fakes import FakeVerifier

CASES = cases()


def verifier(*keys: str) -> JwtVerifier:
    loaded = [load_key(text) for text in keys]
    return JwtVerifier(loaded, AUDIENCE, lambda: NOON)


def reason_of(verifier: JwtVerifier, text: str) -> RefusalReason | None:
    """None when it is accepted."""
    try:
        verifier.verify(text)
    except IdentityRefused as refused:
        return refused.reason
    return None


@pytest.fixture
def rotating() -> JwtVerifier:
    keys = [load_key(SECRET, "new"), load_key(PREVIOUS, "old")]
    return JwtVerifier(keys, AUDIENCE, lambda: NOON)


def test_there_are_cases_enough_and_none_twice() -> None:
    assert len(CASES) >= 200
    assert len({case.token for case in CASES}) >= 200
    refused = {case.refused for case in CASES}
    assert refused == {None, *RefusalReason} - {RefusalReason.NOT_CONFIGURED}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(rotating: JwtVerifier, case: Case) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert reason_of(rotating, case.token) == case.refused


# The port


@pytest.fixture(params=["real", "fake"])
def port(request: pytest.FixtureRequest) -> IdentityVerifier:
    return verifier(SECRET) if request.param == "real" else FakeVerifier({token(): Customer("u-1")})


def test_every_verifier_gives_the_customer_or_a_reason(port: IdentityVerifier) -> None:
    assert port.verify(token()) == Customer("u-1")
    for odd in ("", "x", token(FOREIGN), "\x00", "\ud800", "签名", "x" * 100_000):
        with pytest.raises(IdentityRefused) as caught:
            port.verify(odd)
        assert caught.value.reason in RefusalReason
        assert len(odd) < 2 or odd not in str(caught.value)


# What is believed


def test_the_customer_is_as_the_claims_say(rotating: JwtVerifier) -> None:
    assert rotating.verify(token(**PROFILE)) == Customer(
        id="u-1",
        name="Mei Lin",
        email="mei@example.com",
        organisation="Harbour Ltd",
        tier=Tier.PREMIUM,
        locale=Locale.ZH,
    )
    assert rotating.verify(token()) == Customer("u-1")


@pytest.mark.parametrize(
    ("claim", "value", "kept"),
    [
        ("name", "  Mei \n\t Lin\x00 ", "Mei Lin"),
        ("name", "a\ud800b", "a b"),
        ("name", "abc\u202egpj.exe", "abc gpj.exe"),
        ("name", "می\u200cخواهم", "می\u200cخواهم"),  # a joiner that belongs to the word
        ("name", " \n ", None),
        ("organisation", "李\u2028美", "李 美"),
        ("email", " mei@example.com\n", "mei@example.com"),
        ("email", "", None),
        ("locale", "zh-Hant-TW", Locale.ZH),
        ("locale", "EN_us", Locale.EN),
        ("locale", "fr", None),
    ],
)
def test_a_claim_is_kept_clean(
    rotating: JwtVerifier, claim: str, value: str, kept: str | None
) -> None:
    assert getattr(rotating.verify(token(**{claim: value})), claim) == kept


def test_a_refusal_never_shows_the_token(rotating: JwtVerifier) -> None:
    broken = token("x" * 40)
    with pytest.raises(IdentityRefused) as caught:
        rotating.verify(broken)
    assert str(caught.value) == "identity refused: bad-signature"
    assert caught.value.__cause__ is None


# Keys


def test_after_the_rotation_the_previous_secret_is_dead() -> None:
    assert reason_of(verifier(PREVIOUS), token(PREVIOUS)) is None
    assert reason_of(verifier(SECRET, PREVIOUS), token(PREVIOUS)) is None
    assert reason_of(verifier(SECRET), token(PREVIOUS)) is RefusalReason.BAD_SIGNATURE


def test_a_key_without_an_id_is_named_by_no_token() -> None:
    assert reason_of(verifier(SECRET), token(header={"kid": ""})) is RefusalReason.UNKNOWN_KEY
    assert reason_of(verifier(SECRET), token(header={"kid": "new"})) is RefusalReason.UNKNOWN_KEY


def test_time_is_asked_for_at_each_token() -> None:
    moments = iter([NOON, datetime.fromtimestamp(AT_S + 661, UTC)])
    verifier = JwtVerifier([load_key(SECRET)], AUDIENCE, lambda: next(moments))
    assert reason_of(verifier, token()) is None
    assert reason_of(verifier, token()) is RefusalReason.EXPIRED


def test_the_audience_is_the_configured_one() -> None:
    other = JwtVerifier([load_key(SECRET)], "acme-support", lambda: NOON)
    assert reason_of(other, token()) is RefusalReason.WRONG_AUDIENCE
    assert reason_of(other, token(aud="acme-support")) is None


@pytest.mark.parametrize("secret", ["", "short", "x" * 31, "密" * 10])
def test_a_short_secret_is_refused_at_the_start(secret: str) -> None:
    with pytest.raises(ConfigurationError, match=r"identity\.secret is \d+ bytes long") as caught:
        load_key(secret, name="identity.secret")
    assert not secret or secret not in str(caught.value)
    assert load_key("密" * 11).algorithm == "HS256"


@pytest.mark.parametrize(
    ("keys", "audience", "said"),
    [
        ([SECRET, PREVIOUS, SECRET], AUDIENCE, "1 to 2"),
        ([], AUDIENCE, "1 to 2"),
        ([SECRET], "", "audience is empty"),
    ],
)
def test_what_cannot_be_configured_is_told(keys: list[str], audience: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        JwtVerifier([load_key(key) for key in keys], audience)


def test_two_keys_have_two_ids() -> None:
    with pytest.raises(ConfigurationError, match="same id"):
        JwtVerifier([load_key(SECRET, "k"), load_key(PREVIOUS, "k")], AUDIENCE)


# Public keys


def pem_of(private: Any) -> str:
    public = private.public_key()
    return str(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


@pytest.fixture(scope="module")
def rsa_key() -> Any:
    return new_rsa_key(65537, 2048)


@pytest.fixture(params=["RS256", "ES256", "EdDSA"])
def signer(request: pytest.FixtureRequest, rsa_key: Any) -> tuple[str, Any]:
    makers: dict[str, Callable[[], Any]] = {
        "RS256": lambda: rsa_key,
        "ES256": lambda: new_ec_key(SECP256R1()),
        "EdDSA": Ed25519PrivateKey.generate,
    }
    return request.param, makers[request.param]()


def test_the_kind_of_key_fixes_the_algorithm(signer: tuple[str, Any]) -> None:
    algorithm, private = signer
    public = pem_of(private)
    believed = verifier(public)
    assert load_key(public).algorithm == algorithm
    assert reason_of(believed, jwt.encode(CLAIMS, private, algorithm)) is None
    other = {"RS256": "PS256", "ES256": "HS256", "EdDSA": "HS256"}[algorithm]
    foreign = token() if other == "HS256" else jwt.encode(CLAIMS, private, other)
    assert reason_of(believed, foreign) is RefusalReason.WRONG_ALGORITHM


def test_a_public_key_is_never_a_shared_secret(signer: tuple[str, Any]) -> None:
    algorithm, private = signer
    public = pem_of(private)
    for secret in (public, public.strip(), public.encode()):
        confused = sign({"alg": "HS256"}, CLAIMS, secret)
        assert reason_of(verifier(public), confused) is RefusalReason.WRONG_ALGORITHM
        relabelled = sign({"alg": algorithm}, CLAIMS, secret)
        assert reason_of(verifier(public), relabelled) is RefusalReason.BAD_SIGNATURE


def test_a_token_of_another_key_is_refused(signer: tuple[str, Any]) -> None:
    algorithm, private = signer
    claims = CLAIMS | {"sub": "u-2"}
    head, body, _ = jwt.encode(claims, private, algorithm).split(".")
    signature = jwt.encode(CLAIMS, private, algorithm).rpartition(".")[2]
    mixed = f"{head}.{body}.{signature}"
    assert reason_of(verifier(pem_of(private)), mixed) is RefusalReason.BAD_SIGNATURE


def test_a_secret_and_a_public_key_live_side_by_side(rsa_key: Any) -> None:
    both = verifier(pem_of(rsa_key), SECRET)
    assert reason_of(both, token()) is None
    assert reason_of(both, jwt.encode(CLAIMS, rsa_key, "RS256")) is None


def test_keys_that_cannot_be_used_are_told(rsa_key: Any) -> None:
    private = rsa_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    with pytest.raises(ConfigurationError, match="private key"):
        load_key(private)
    with pytest.raises(ConfigurationError, match="no public key this bot can use"):
        load_key("-----BEGIN PUBLIC KEY-----\nbroken\n-----END PUBLIC KEY-----")
    with pytest.raises(ConfigurationError, match="no public key this bot can use"):
        load_key(pem_of(new_ec_key(SECP384R1())))
    with pytest.raises(ConfigurationError, match="2048"):
        load_key(pem_of(new_rsa_key(65537, 1024)))  # noqa: S505 - what is refused
