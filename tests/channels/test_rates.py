import sys
from dataclasses import dataclass

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.channels.rates import RateLimit, RateLimits, Rates, Requester

PER_MINUTE = 6  # one in 10 s


@dataclass
class Clock:
    at_s: float = 1000.0

    def __call__(self) -> float:
        return self.at_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limits(clock: Clock) -> RateLimits:
    return RateLimits(PER_MINUTE, clock)


def visitor(number: int = 1, address: str = "192.0.2.1") -> Requester:
    return Requester(address, f"token-{number}")


# One limit


def test_a_burst_is_allowed_and_then_one_at_a_time() -> None:
    limit = RateLimit(PER_MINUTE)
    for _ in range(PER_MINUTE):
        assert limit.wait_s("a", 0) == 0
        limit.take("a", 0)
    assert limit.wait_s("a", 0) == pytest.approx(10)
    assert limit.wait_s("a", 7) == pytest.approx(3)
    assert limit.wait_s("a", 10) == 0
    limit.take("a", 10)
    assert limit.wait_s("a", 10) == pytest.approx(10)


def test_a_minute_of_rest_allows_the_whole_burst_again_and_no_more() -> None:
    limit = RateLimit(PER_MINUTE)
    for start_s in (0, 60, 10_000):
        taken = 0
        while not limit.wait_s("a", start_s):
            limit.take("a", start_s)
            taken += 1
        assert taken == PER_MINUTE


def test_keys_do_not_share_a_limit() -> None:
    limit = RateLimit(1)
    limit.take("a", 0)
    assert limit.wait_s("a", 0) > 0
    assert limit.wait_s("b", 0) == 0


def test_an_idle_key_is_forgotten() -> None:
    limit = RateLimit(PER_MINUTE)
    for number in range(1000):
        limit.take(str(number), at_s=0)
    assert len(limit) == 1000
    limit.take("new", at_s=60)
    assert len(limit) == 1


def test_many_addresses_at_once_take_bounded_room() -> None:
    limit = RateLimit(PER_MINUTE, max_keys=1000)
    for number in range(100_000):
        limit.take(str(number), at_s=number / 1e6)
    assert len(limit) == 1000
    assert sys.getsizeof(limit._full_at_s) < 1_000_000
    assert limit.wait_s("99999", 0.1) == 0
    for _ in range(PER_MINUTE - 1):
        limit.take("99999", 0.1)
    assert limit.wait_s("99999", 0.1) > 0  # the latest are the ones it knows


# Who is counted


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("2001:db8::1", "2001:db8:0:0:ffff::2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("unix:", None, True),
        ("x" * 10_000, "", True),  # whatever a proxy wrote takes no room
        ("fe80::1%eth0", "fe80::2%eth1", True),
    ],
)
def test_addresses_of_one_customer_are_one(one: str, other: str | None, same: bool) -> None:
    assert (Requester(one).address_key == Requester(other).address_key) is same


def test_keys_do_not_hold_tokens() -> None:
    key = visitor().visitor_key
    assert key is not None
    assert len(key) == 64
    assert "token" not in key
    assert Requester("192.0.2.1").visitor_key is None


# All limits


def test_a_visitor_waits_while_others_go_on(limits: RateLimits) -> None:
    assert [limits.take(visitor()) for _ in range(PER_MINUTE + 1)] == [0] * PER_MINUTE + [10]
    assert limits.take(visitor(2)) == 0


def test_an_address_with_many_tokens_waits(limits: RateLimits) -> None:
    waits = [limits.take(visitor(number)) for number in range(5 * PER_MINUTE + 1)]
    assert waits == [0] * (5 * PER_MINUTE) + [2]
    assert limits.take(visitor(1, "192.0.2.2")) == 0


def test_the_site_as_a_whole_waits(limits: RateLimits) -> None:
    waits = [limits.take(visitor(n, f"192.0.2.{n % 250}")) for n in range(100 * PER_MINUTE + 1)]
    assert waits == [0] * (100 * PER_MINUTE) + [1]  # a tenth of a second, in whole seconds


def test_who_is_refused_uses_up_nothing(limits: RateLimits, clock: Clock) -> None:
    for _ in range(1000):
        limits.take(visitor())
    clock.at_s += 10
    assert limits.take(visitor()) == 0
    assert limits.take(visitor(2)) == 0  # neither of the address nor of the site


# Over HTTP


def client_of(limits: RateLimits, address: str = "192.0.2.1") -> httpx.AsyncClient:
    async def answer(_: Request) -> Response:
        return PlainTextResponse("done")

    methods = ["GET", "POST", "OPTIONS"]
    routes = [Route("/v1/{rest:path}", answer, methods=methods)]
    app = Rates(Starlette(routes=routes), limits)
    transport = httpx.ASGITransport(app, client=(address, 4711))
    return httpx.AsyncClient(transport=transport, base_url="http://test")


async def test_too_many_requests_are_a_problem_that_says_when(
    limits: RateLimits, clock: Clock
) -> None:
    async with client_of(limits) as client:
        headers = {"Authorization": "Bearer abc"}
        for path in ["conversations", "search", "messages/1/feedback"] * 2:
            assert (await client.post(f"/v1/{path}", headers=headers)).status_code == 200
        response = await client.post("/v1/search", headers=headers)
        assert response.status_code == 429
        assert response.headers["retry-after"] == "10"
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["type"] == "/problems/too-many-requests"
        clock.at_s += int(response.headers["retry-after"])
        assert (await client.post("/v1/search", headers=headers)).status_code == 200


async def test_reading_is_not_counted(limits: RateLimits) -> None:
    async with client_of(limits) as client:
        for _ in range(200 * PER_MINUTE):
            assert (await client.get("/v1/conversations/1")).status_code == 200
        assert (await client.post("/v1/search")).status_code == 200
