import pytest
from pydantic import SecretStr

from bot.bootstrap import build, build_verifier
from bot.domain.conversation import now
from bot.domain.errors import ConfigurationError
from bot.settings import Identity, Settings
from tests.adapters.jwt_cases import sign
from tests.fakes import FakePrompts, FakeRetriever, FakeStore


def test_a_part_is_replaced_by_its_name() -> None:
    store, retriever, prompts = FakeStore(), FakeRetriever(), FakePrompts()
    bot = build(Settings(), store=store, retriever=retriever, prompts=prompts)
    assert (bot.store, bot.retriever, bot.prompts) == (store, retriever, prompts)


def test_a_weak_identity_secret_is_refused_at_the_start() -> None:
    settings = Settings(identity=Identity(secret=SecretStr("short")))
    with pytest.raises(ConfigurationError, match=r"identity\.secret is 5 bytes long"):
        build(settings, retriever=FakeRetriever())


def test_without_a_secret_there_is_no_verifier() -> None:
    assert build_verifier(Settings()) is None


def test_both_identity_secrets_are_believed() -> None:
    current, previous = "c" * 32, "p" * 32
    identity = Identity(
        secret=SecretStr(current),
        secret_id="new",
        previous_secret=SecretStr(previous),
        previous_secret_id="old",
        audience="acme",
    )
    verifier = build_verifier(Settings(identity=identity))
    assert verifier is not None
    for secret, key_id in ((current, "new"), (previous, "old")):
        claims = {"sub": key_id, "aud": "acme", "exp": int(now().timestamp()) + 60}
        signed = sign({"alg": "HS256", "kid": key_id}, claims, secret)
        assert verifier.verify(signed).id == key_id


def test_a_misspelt_part_is_named() -> None:
    with pytest.raises(TypeError, match=r"cannot replace promts, stor$"):
        build(Settings(), retriever=FakeRetriever(), stor=FakeStore(), promts=FakePrompts())
