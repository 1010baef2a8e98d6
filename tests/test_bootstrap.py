from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr

from bot.bootstrap import build, build_service_levels, build_verifier
from bot.domain.conversation import now
from bot.domain.customer import Tier
from bot.domain.errors import ConfigurationError
from bot.settings import Identity, Settings, Sla
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


@pytest.mark.parametrize(
    ("exceptions", "day"), [("", 8), ("2026-10-08 closed, 2026-10-11 open", 9)]
)
def test_service_levels_keep_holidays_and_what_differs_from_them(exceptions: str, day: int) -> None:
    sla = Sla(timezone="Asia/Shanghai", country="CN", exceptions=exceptions)
    levels = build_service_levels(Settings(sla=sla), FakePrompts())
    zone = ZoneInfo("Asia/Shanghai")
    evening = datetime(2026, 9, 30, 18, tzinfo=zone)  # before the national holidays
    due = levels.first_response_due(Tier.ENTERPRISE, False, evening)
    assert due == datetime(2026, 10, day, 10, tzinfo=zone)


@pytest.mark.parametrize(
    ("sla", "named"),
    [
        (Sla(country="Atlantis"), "sla.country"),
        (Sla(hours="Sun 09:00-09:01", premium="4h / 2000h"), "does not open often enough"),
    ],
)
def test_service_levels_that_cannot_be_kept_are_refused_at_the_start(sla: Sla, named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        build_service_levels(Settings(sla=sla), FakePrompts())
