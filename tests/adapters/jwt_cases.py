"""Identity tokens, sound and broken, each with what becomes of it.

Signed here by hand and not by the library that checks them: it would refuse to make most of them.
"""

import hashlib
import hmac
import json
import string
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.domain.customer import RefusalReason as Reason

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
AT_S = int(NOON.timestamp())
AUDIENCE = "firstline"
SECRET = "current-secret-of-more-than-32-bytes-0123456789"
PREVIOUS = "previous-secret-of-more-than-32-bytes-987654321"
FOREIGN = "secret-of-somebody-else-with-over-32-bytes-4711"
PUBLIC_PEM = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAAAAA\n-----END PUBLIC KEY-----\n"

CLAIMS: dict[str, Any] = {"sub": "u-1", "aud": AUDIENCE, "exp": AT_S + 600}
PROFILE: dict[str, Any] = {
    "name": "Mei Lin",
    "email": "mei@example.com",
    "organisation": "Harbour Ltd",
    "tier": "premium",
    "locale": "zh",
}
GONE = type("Gone", (), {"__repr__": lambda self: "left out"})()  # of a claim or a header
HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}


@dataclass(frozen=True)
class Case:
    name: str
    token: str
    refused: Reason | None = None  # None: accepted


def encode(part: bytes) -> str:
    return urlsafe_b64encode(part).rstrip(b"=").decode()


def encode_json(value: object) -> str:
    return encode(value if isinstance(value, bytes) else json.dumps(value).encode())


def sign(header: object, content: object, secret: str | bytes = SECRET, alg: str = "HS256") -> str:
    signed = f"{encode_json(header)}.{encode_json(content)}"
    key = secret if isinstance(secret, bytes) else secret.encode()
    return f"{signed}.{encode(hmac.new(key, signed.encode(), HASHES[alg]).digest())}"


def changed(members: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (members | changes).items() if value is not GONE}


def token(secret: str = SECRET, header: dict[str, Any] | None = None, **claims: Any) -> str:
    head = changed({"alg": "HS256", "typ": "JWT"}, header or {})
    return sign(head, changed(CLAIMS, claims), secret)


def cases() -> list[Case]:
    groups = (
        sound,
        algorithms,
        key_ids,
        keys_in_the_header,
        critical_headers,
        odd_headers,
        secrets_,
        signatures,
        structures,
        contents,
        audiences,
        expiries,
        other_times,
        subjects,
        names,
        emails,
        tiers,
        locales,
        wrong_types,
        lengths,
    )
    return [case for group in groups for case in group()]


def sound() -> Iterator[Case]:
    yield Case("the least", token())
    yield Case("everything", token(**PROFILE))
    yield Case("unknown claims", token(admin=True, role="owner", scope=["*"], jti="1", iss="me"))
    yield Case("without a type", token(header={"typ": GONE}))
    yield Case("another type", token(header={"typ": "at+jwt"}))
    for name in PROFILE:
        yield Case(f"{name} alone", token(**{name: PROFILE[name]}))
        yield Case(f"{name} null", token(**{name: None}))


def algorithms() -> Iterator[Case]:
    names = ["none", "None", "NONE", "nOnE", "none ", "", "hs256", "Hs256", "HS256 ", " HS256"]
    names += ["HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES256K", "PS256"]
    names += ["EdDSA", "Ed25519", "HS1", "A128GCM", "dir", "../../HS256", "HS256\x00", "*"]
    for name in names:
        unsigned = ".".join(token(header={"alg": name}).split(".")[:2])
        yield Case(f"alg {name!r}, no signature", f"{unsigned}.", Reason.WRONG_ALGORITHM)
        yield Case(f"alg {name!r}, signed", token(header={"alg": name}), Reason.WRONG_ALGORITHM)
    for value in (GONE, None, 256, True, ["HS256"], {"alg": "HS256"}):
        yield Case(f"alg {value!r}"[:40], token(header={"alg": value}), Reason.WRONG_ALGORITHM)
    for alg in ("HS384", "HS512"):
        strong = sign({"alg": alg}, CLAIMS, SECRET, alg)
        yield Case(f"{alg} rightly signed", strong, Reason.WRONG_ALGORITHM)
        false = sign({"alg": "HS256"}, CLAIMS, SECRET, alg)
        yield Case(f"{alg} under the name of HS256", false, Reason.BAD_SIGNATURE)
    yield Case("a PEM as the secret", token(PUBLIC_PEM), Reason.BAD_SIGNATURE)


def key_ids() -> Iterator[Case]:
    yield Case("kid of the current", token(header={"kid": "new"}))
    yield Case("kid of the previous", token(PREVIOUS, {"kid": "old"}))
    yield Case(
        "current under the kid of the previous", token(header={"kid": "old"}), Reason.BAD_SIGNATURE
    )
    yield Case(
        "previous under the kid of the current",
        token(PREVIOUS, {"kid": "new"}),
        Reason.BAD_SIGNATURE,
    )
    yield Case("no kid, previous", token(PREVIOUS))
    unknown = ["", "NEW", "new ", "newer", "../../../dev/null", "/dev/null", "file:///etc/passwd"]
    unknown += ["' OR 1=1 --", "x' UNION SELECT 'k", "new\x00", "|id", "$(id)", "%6eew", "n\u0435w"]
    unknown += ["http://evil.example/key", "0", "k" * 500]
    for kid in unknown:
        yield Case(f"kid {kid[:30]!r}", token(header={"kid": kid}), Reason.UNKNOWN_KEY)
    for value in (None, 1, True, ["new"], {"new": 1}):
        yield Case(f"kid {value!r}", token(header={"kid": value}), Reason.MALFORMED)


def keys_in_the_header() -> Iterator[Case]:
    key = {"kty": "oct", "alg": "HS256", "k": encode(FOREIGN.encode())}
    headers: list[dict[str, Any]] = [
        {"jwk": key},
        {"jku": "https://evil.example/keys.json"},
        {"x5u": "https://evil.example/chain.pem"},
        {"x5c": [encode(FOREIGN.encode())]},
        {"x5t": encode(FOREIGN.encode())},
    ]
    for header in headers:
        (name,) = header
        yield Case(f"{name} of a foreign key", token(FOREIGN, header), Reason.BAD_SIGNATURE)
        yield Case(f"{name}, which nobody follows", token(header=header))
        named = token(FOREIGN, {**header, "kid": "new"})
        yield Case(f"{name} under our kid", named, Reason.BAD_SIGNATURE)


def critical_headers() -> Iterator[Case]:
    for crit in (["exp"], ["http://example.com/x"], ["b64"], [], "exp", None, [1], ["exp", "exp"]):
        header = {"crit": crit, "b64": False} if crit == ["b64"] else {"crit": crit}
        yield Case(f"crit {crit!r}", token(header=header), Reason.MALFORMED)
    yield Case("content that is not encoded", token(header={"b64": False}), Reason.MALFORMED)
    yield Case("a bomb of compression", token(header={"zip": "DEF"}))  # nothing is unpacked


def odd_headers() -> Iterator[Case]:
    signed = encode_json(CLAIMS)
    for head in (
        b"",
        b"{",
        b"[]",
        b'"HS256"',
        b"null",
        b"1",
        b"\xff\xfe",
        b"[" * 2000,
        b'{"a":' * 300,
    ):
        yield Case(f"header {head[:9]!r}", sign(head, CLAIMS), Reason.MALFORMED)
    yield Case("no header", f".{signed}.AAAA", Reason.MALFORMED)
    twice = b'{"alg":"none","alg":"HS256"}'
    yield Case("alg twice, the last holds", sign(twice, CLAIMS))
    yield Case(
        "alg twice, none last",
        sign(b'{"alg":"HS256","alg":"none"}', CLAIMS),
        Reason.WRONG_ALGORITHM,
    )
    yield Case("header with a mark", sign(b'\xef\xbb\xbf{"alg":"HS256"}', CLAIMS))


def secrets_() -> Iterator[Case]:
    yield Case("previous secret", token(PREVIOUS))
    for name, secret in {
        "foreign": FOREIGN,
        "shorter by one": SECRET[:-1],
        "longer by one": SECRET + "x",
        "with a line's end": SECRET + "\n",
        "in capitals": SECRET.upper(),
        "empty": "",
        "secret": "secret",
        "reversed": SECRET[::-1],
    }.items():
        yield Case(f"secret {name}", token(secret), Reason.BAD_SIGNATURE)
    digest = hashlib.sha256(SECRET.encode()).digest()
    yield Case("digest of the secret", sign({"alg": "HS256"}, CLAIMS, digest), Reason.BAD_SIGNATURE)


def signatures() -> Iterator[Case]:
    head, body, signature = token().split(".")
    raw = hmac.new(SECRET.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest()
    for place in range(0, len(raw), 2):
        flipped = bytes(b ^ 1 if at == place else b for at, b in enumerate(raw))
        yield Case(f"bit of byte {place}", f"{head}.{body}.{encode(flipped)}", Reason.BAD_SIGNATURE)
    for length in (0, 1, 16, 31):
        short = encode(raw[:length])
        yield Case(f"{length} bytes", f"{head}.{body}.{short}", Reason.BAD_SIGNATURE)
    yield Case("twice as long", f"{head}.{body}.{encode(raw + raw)}", Reason.BAD_SIGNATURE)
    yield Case("of zeros", f"{head}.{body}.{encode(bytes(32))}", Reason.BAD_SIGNATURE)
    yield Case("in hexadecimal", f"{head}.{body}.{raw.hex()}", Reason.BAD_SIGNATURE)
    other = token(sub="u-2").split(".")
    yield Case("of another token", f"{head}.{body}.{other[2]}", Reason.BAD_SIGNATURE)
    yield Case("content of another token", f"{head}.{other[1]}.{signature}", Reason.BAD_SIGNATURE)
    unused = signature[:-1] + ("B" if signature[-1] != "B" else "C")
    reason = Reason.MALFORMED  # bits beyond the last byte must be 0: one token, one spelling
    yield Case("bits that mean nothing", f"{head}.{body}.{unused}", reason)


def structures() -> Iterator[Case]:
    whole = token()
    head, body, signature = whole.split(".")
    broken = {
        "empty": "",
        "dots": "..",
        "one dot": ".",
        "one part": head,
        "two parts": f"{head}.{body}",
        "four parts": f"{whole}.{signature}",
        "five parts, as encrypted ones have": f"{head}.{body}.{body}.{body}.{signature}",
        "dot before": f".{whole}",
        "dot after": f"{whole}.",
        "space before": f" {whole}",
        "space after": f"{whole} ",
        "a line's end": f"{whole}\n",
        "space within": whole.replace(".", ". ", 1),
        "NUL": f"{whole}\x00",
        "Bearer": f"Bearer {whole}",
        "quoted": f'"{whole}"',
        "wrong padding": f"{whole}===",
        "plus and slash": f"{head}.{body}.{'+/' * 21}A",
        "no alphabet": f"{head}.{body}.!!!!",
        "Chinese": f"{head}.{body}.签名",
        "fullwidth dots": whole.replace(".", "．"),
        "lone surrogate": f"{whole}\ud800",
        "no text": "\x00\x01\x02",
        "JSON form": json.dumps({"protected": head, "payload": body, "signature": signature}),
        "only words": "this is not a token",
        "an HTML tag": "<script>alert(1)</script>",
    }
    for name, text in broken.items():
        yield Case(name, text, Reason.MALFORMED)
    yield Case("without the first letter", whole[1:], Reason.MALFORMED)


def contents() -> Iterator[Case]:
    odd = [
        b"",
        b"{",
        b"[]",
        b"null",
        b"1",
        b'"u-1"',
        b"\xff",
        b"NaN",
        b"[" * 2500,
        b"{}{}",
        b"9" * 2500,
    ]
    for content in odd:
        yield Case(f"content {content[:9]!r}", sign({"alg": "HS256"}, content), Reason.MALFORMED)
    yield Case("no claims", sign({"alg": "HS256"}, {}), Reason.MISSING_CLAIM)
    nested = token()
    yield Case(
        "a token in a token",
        sign({"alg": "HS256", "cty": "JWT"}, nested.encode()),
        Reason.MALFORMED,
    )
    for name in CLAIMS:
        yield Case(f"no {name}", token(**{name: GONE}), Reason.MISSING_CLAIM)
        yield Case(
            f"{name} in capitals",
            token(**{name: GONE, name.upper(): CLAIMS[name]}),
            Reason.MISSING_CLAIM,
        )
    twice = json.dumps(CLAIMS)[:-1].encode() + b', "sub": "u-2"}'
    yield Case("sub twice, the last holds", sign({"alg": "HS256"}, twice))
    deep: Any = 1
    for _ in range(200):
        deep = [deep]
    yield Case("deep unknown claim", token(deep=deep))


def audiences() -> Iterator[Case]:
    yield Case("aud among others", token(aud=["other", AUDIENCE]))
    yield Case("aud alone in a list", token(aud=[AUDIENCE]))
    wrong: list[Any] = ["", "other", "Firstline", "firstline ", "firstlines", "*", [], ["other"]]
    wrong += ["firstline,other", "f\u0456rstline", [AUDIENCE + "/"]]
    for aud in wrong:
        yield Case(f"aud {aud!r}", token(aud=aud), Reason.WRONG_AUDIENCE)
    for aud in (None, 1, True, {"firstline": 1}, [AUDIENCE, 1], [[AUDIENCE]]):
        yield Case(f"aud {aud!r}", token(aud=aud), Reason.INVALID_CLAIM)


def expiries() -> Iterator[Case]:
    for ahead_s in (1, 3599, 3600, 3660, 0, -1, -59, 0.5, 600.25):
        yield Case(f"exp {ahead_s:+} s", token(exp=AT_S + ahead_s))
    for ahead_s in (-60, -61, -3600, -AT_S):
        yield Case(f"exp {ahead_s:+} s", token(exp=AT_S + ahead_s), Reason.EXPIRED)
    for ahead_s in (3661, 7200, 86400, 10 * 365 * 86400):
        yield Case(f"exp {ahead_s:+} s", token(exp=AT_S + ahead_s), Reason.EXPIRY_TOO_FAR)
    odd: list[Any] = [None, str(AT_S + 600), "", "tomorrow", True, False, [AT_S + 600], {}, -1]
    odd += [10**12, 10**30, 10**300, 10**1000, 1e308, NOON.isoformat()]
    for exp in odd:
        yield Case(f"exp {str(exp)[:20]!r}", token(exp=exp), Reason.INVALID_CLAIM)
    for number in ("NaN", "Infinity", "-Infinity", "1e999"):
        content = json.dumps(CLAIMS | {"exp": 0}).replace('"exp": 0', f'"exp": {number}').encode()
        yield Case(f"exp {number}", sign({"alg": "HS256"}, content), Reason.INVALID_CLAIM)
    in_ms = (AT_S + 600) * 1000
    yield Case("exp in milliseconds", token(exp=in_ms), Reason.INVALID_CLAIM)


def other_times() -> Iterator[Case]:
    for name in ("nbf", "iat"):
        for ahead_s in (-86400, -1, 0, 60):
            yield Case(f"{name} {ahead_s:+} s", token(**{name: AT_S + ahead_s}))
        for ahead_s in (61, 3600):
            yield Case(
                f"{name} {ahead_s:+} s", token(**{name: AT_S + ahead_s}), Reason.NOT_YET_VALID
            )
        for value in (str(AT_S), True, [], {}, -1, 10**1000):
            yield Case(f"{name} {str(value)[:20]!r}", token(**{name: value}), Reason.INVALID_CLAIM)


def subjects() -> Iterator[Case]:
    for sub in ("0", "u" * 255, "客户-1", "a b", "x@example.com", "' OR 1=1 --", "<b>", "auth0|1"):
        yield Case(f"sub {sub[:20]!r}", token(sub=sub))
    odd: list[Any] = ["", " ", " u-1", "u-1 ", "u\n1", "u\x001", "u\x7f1", "u\t1", "u\u202e1"]
    odd += ["u\ud8001", "u\u200b1", "\ufeffu-1", "u\u00a01", "u" * 256, 1, 1.5, None, True, [], {}]
    for sub in odd:
        yield Case(f"sub {str(sub)[:20]!r}", token(sub=sub), Reason.INVALID_CLAIM)


def names() -> Iterator[Case]:
    for name in ("name", "organisation"):
        fine = ["", "李美", "O'Brien & Söhne", "x" * 200, "a\nb", "a\x00b", "a\ud800b", "\u202egpj"]
        for value in fine:
            yield Case(f"{name} {value[:12]!r}", token(**{name: value}))
        for odd in ("x" * 201, 1, True, ["Mei"], {"first": "Mei"}):
            yield Case(f"{name} {str(odd)[:12]!r}", token(**{name: odd}), Reason.INVALID_CLAIM)


def emails() -> Iterator[Case]:
    for email in ("", "a@b", "mei.lin+x@example.co.uk", "李@例子.中国", " mei@example.com "):
        yield Case(f"email {email!r}", token(email=email))
    odd: list[Any] = ["mei", "@", "a@", "@b", "a@b@c", "a b@c", "a@b\nBcc: x@y", "a@b,c@d", "<a@b>"]
    odd += ["a" * 251 + "@b.c", 1, ["a@b"], {"value": "a@b"}]
    for value in odd:
        yield Case(f"email {str(value)[:15]!r}", token(email=value), Reason.INVALID_CLAIM)


def tiers() -> Iterator[Case]:
    for tier in ("basic", "premium", "enterprise"):
        yield Case(f"tier {tier}", token(tier=tier))
    for odd in ("gold", "", "Premium", "premium ", 1, True, ["premium"], {}):
        yield Case(f"tier {odd!r}", token(tier=odd), Reason.INVALID_CLAIM)


def locales() -> Iterator[Case]:
    for locale in ("zh", "en", "zh-CN", "zh_TW", "en-GB", "EN", "fr", "de-AT", "", "zhx", "x" * 35):
        yield Case(f"locale {locale!r}", token(locale=locale))
    for odd in ("x" * 36, 1, True, ["zh"], {}):
        yield Case(f"locale {str(odd)[:12]!r}", token(locale=odd), Reason.INVALID_CLAIM)


def wrong_types() -> Iterator[Case]:
    for content in ([CLAIMS], "claims", 1, None, True):
        yield Case(f"claims as {content!r}"[:30], sign({"alg": "HS256"}, content), Reason.MALFORMED)


def lengths() -> Iterator[Case]:
    longest = 4096
    for size in (longest + 1, 10_000, 100_000):
        yield Case(f"{size} letters", "a" * size, Reason.TOO_LONG)
    yield Case("4096 letters", "a" * longest, Reason.MALFORMED)
    yield Case("much said", token(note="x" * 2500))
    yield Case("too much said", token(note="x" * 4000), Reason.TOO_LONG)
    yield Case("too much in the header", token(header={"note": "x" * 4000}), Reason.TOO_LONG)
    yield Case("dots only", "." * longest, Reason.MALFORMED)
    yield Case("all printable signs", string.printable, Reason.MALFORMED)
