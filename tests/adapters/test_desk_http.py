"""Every failure of a desk is one of two, and says no word of what the desk answered."""

from email.utils import format_datetime

import httpx
import pytest

from bot.adapters.desk_http import DeskHttp, RequestRefused, retry_after_s
from bot.domain.outbox import DeskUnavailable
from tests.adapters.stores import NOON, Clock
from tests.desk_server import DeskServer, Request, Response


class Echo:
    """Answers what it was told to, whatever it is asked."""

    def __init__(self) -> None:
        self.response = Response(200, {"ok": True})

    def answer(self, request: Request) -> Response:
        return self.response


async def asked(response: Response, **values: object) -> object:
    echo = Echo()
    echo.response = response
    async with DeskServer(echo, Clock()).running() as address:
        return (await DeskHttp(address).get("/x", **values)).data  # type: ignore[arg-type]


async def test_json_is_an_answer_and_so_is_nothing() -> None:
    assert await asked(Response(200, {"a": [1]})) == {"a": [1]}
    assert await asked(Response(204)) is None


@pytest.mark.parametrize("raw", [b"<html>", b"{", "é".encode("latin-1"), b"[" * 100_000, b'"\xff"'])
async def test_what_is_not_json_is_no_answer(raw: bytes) -> None:
    with pytest.raises(DeskUnavailable, match="not JSON"):
        await asked(Response(200, raw=raw))


@pytest.mark.parametrize("status", [400, 405, 410, 413, 415, 422])
async def test_what_is_wrong_with_the_request_is_final(status: int) -> None:
    with pytest.raises(RequestRefused) as refused:
        await asked(Response(status, {"words": "of a customer"}))
    assert str(refused.value) == f"answered {status}"
    assert refused.value.answer.data == {"words": "of a customer"}


@pytest.mark.parametrize("status", [300, 302, 307, 401, 403, 404, 408, 409, 418, 500, 502, 504])
async def test_everything_else_may_pass(status: int) -> None:
    with pytest.raises(DeskUnavailable, match=str(status)) as unavailable:
        await asked(Response(status, {"words": "of a customer"}))
    assert unavailable.value.retry_after_s is None
    assert "words" not in str(unavailable.value)


async def test_what_was_expected_is_an_answer() -> None:
    assert await asked(Response(404, {"gone": True}), expected={404}) == {"gone": True}
    assert await asked(Response(404, raw=b"<html>"), expected={404}) is None


async def test_a_packed_answer_is_bounded_by_what_it_unpacks_to() -> None:
    garbled = Response(200, raw=b"no gzip", headers={"Content-Encoding": "gzip"})
    with pytest.raises(DeskUnavailable, match="DecodingError"):
        await asked(garbled)


@pytest.mark.parametrize("packing", ["zstd", "br", "gzip, gzip"])
async def test_what_is_packed_as_nobody_asked_for_stays_so(packing: str) -> None:
    """64 kB of them may be gigabytes."""
    with pytest.raises(DeskUnavailable, match="packed"):
        await asked(Response(200, raw=b"{}", headers={"Content-Encoding": packing}))


async def test_who_is_not_there_may_come_back() -> None:
    with pytest.raises(DeskUnavailable, match="ConnectError"):
        await DeskHttp("http://127.0.0.1:9").get("/x")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("9" * 400, None),
        (format_datetime(NOON.replace(minute=2)), 120),
        (format_datetime(NOON.replace(hour=11)), 0),
    ],
)
def test_when_to_come_back(text: str, seconds: float | None) -> None:
    """A date counts from what the desk says that time is."""
    headers = {"retry-after": text, "date": format_datetime(NOON)}
    assert retry_after_s(httpx.Response(429, headers=headers)) == seconds


async def test_only_who_is_busy_is_believed_about_when() -> None:
    for status, seconds in ((429, 7.0), (503, 7.0), (500, None)):
        with pytest.raises(DeskUnavailable) as unavailable:
            await asked(Response(status, headers={"Retry-After": "7"}))
        assert unavailable.value.retry_after_s == seconds
