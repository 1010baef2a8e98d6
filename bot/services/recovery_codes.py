"""Recovery codes: what lets an agent in once who has lost the phone.

80 random bits each, so that their hashes need no slow function; letters and figures that cannot be
taken for one another are taken for one another.
"""

import secrets
from collections.abc import Sequence
from hashlib import sha256

HOW_MANY = 10
LENGTH = 16
GROUP = 4
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_ALIKE = str.maketrans({"o": "0", "i": "1", "l": "1"})


def new_codes() -> Sequence[str]:
    """As they are shown: `7k2m-q0dz-…`."""
    return [
        _shown("".join(secrets.choice(ALPHABET) for _ in range(LENGTH))) for _ in range(HOW_MANY)
    ]


def normal_code(typed: str) -> str | None:
    """None for what is no recovery code, such as the six figures of an app."""
    code = "".join(typed.lower().replace("-", " ").split()).translate(_ALIKE)
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else None


def code_digest(agent_id: str, code: str) -> str:
    """Of a normal code; the agent's id keeps equal codes from looking equal."""
    return sha256(f"{agent_id}:{code}".encode()).hexdigest()


def digests_of(agent_id: str, codes: Sequence[str]) -> Sequence[str]:
    return [code_digest(agent_id, normal_code(code) or "") for code in codes]


def _shown(code: str) -> str:
    return "-".join(code[start : start + GROUP] for start in range(0, LENGTH, GROUP))
