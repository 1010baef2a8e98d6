"""What is posted is proved, and nothing else is listened to."""

import json
import time
from collections.abc import AsyncIterator, Mapping

import pytest

from bot.channels.dingtalk import CARDS_PATH, LARGEST_EVENT, MESSAGES_PATH
from bot.channels.dingtalk.webhook import OLDEST_S, Signatures
from bot.domain.errors import StoreError
from tests.channels.chat.office import QUESTION
from tests.channels.dingtalk.office import DingTalkOffice, dingtalk_office, settings_of
from tests.dingtalk_server import CLIENT_SECRET, signed, signed_click


@pytest.fixture
async def office() -> AsyncIterator[DingTalkOffice]:
    async with dingtalk_office() as office:
        yield office


async def status(
    office: DingTalkOffice,
    content: bytes,
    headers: Mapping[str, str | bytes],
    path: str = MESSAGES_PATH,
) -> int:
    given = {name.encode(): _bytes(value) for name, value in headers.items()}
    return (await office.http.post(path, content=content, headers=given)).status_code


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


async def test_what_is_not_signed_by_dingtalk_is_refused(office: DingTalkOffice) -> None:
    content, headers = json.dumps(office.dingtalk.say(QUESTION)).encode(), signed()
    for name in headers:
        without = {key: value for key, value in headers.items() if key != name}
        assert await status(office, content, without) == 401
        for forged in ("another", "", "é", "9" * 40, "１"):
            given = {**headers, name: forged.encode()}
            assert await status(office, content, given) == 401
    assert await status(office, content, signed("another-secret")) == 401
    assert await status(office, content, signed_click(CLIENT_SECRET)) == 401
    assert await status(office, content, headers, CARDS_PATH) == 401
    assert await status(office, content, headers) == 200
    await office.work()
    assert await office.asked() == [QUESTION]


@pytest.mark.parametrize("age", [-OLDEST_S - 5, OLDEST_S + 5])
async def test_what_is_stale_or_of_the_future_is_refused(office: DingTalkOffice, age: int) -> None:
    content, at = json.dumps(office.dingtalk.say(QUESTION)).encode(), time.time() - age
    assert await status(office, content, signed(at=at)) == 401
    click = signed_click(Signatures(CLIENT_SECRET).cards_secret, at)
    assert await status(office, b"{}", click, CARDS_PATH) == 401


async def test_what_is_replayed_changes_nothing(office: DingTalkOffice) -> None:
    content, headers = json.dumps(office.dingtalk.say(QUESTION)).encode(), signed()
    for _ in range(3):
        assert await status(office, content, headers) == 200
        await office.work()
    assert await office.asked() == [QUESTION]


async def test_a_click_that_is_replayed_changes_nothing(office: DingTalkOffice) -> None:
    card = await office.ask(QUESTION)
    (person,) = [label for label in card.buttons if "person" in label.lower()]
    click = signed_click(Signatures(CLIENT_SECRET).cards_secret)
    for _ in range(3):
        assert (await office.post(office.dingtalk.press(card, person), **click)).status_code == 200
        await office.work()
    (conversation,) = await office.conversations()
    assert len(await office.store.tickets_of(conversation.id)) == 1


async def test_what_is_too_large_is_not_read(office: DingTalkOffice) -> None:
    content = b'{"text": "' + b"A" * LARGEST_EVENT + b'"}'
    for path in (MESSAGES_PATH, CARDS_PATH):
        assert await status(office, content, signed(), path) == 413


@pytest.mark.parametrize("content", [b"", b"no json", b"[]", b'"text"', b"[" * 100_000, b"\xff"])
async def test_what_cannot_be_read_is_refused(office: DingTalkOffice, content: bytes) -> None:
    assert await status(office, content, signed()) == 422
    assert await status(office, content, {}) == 401


async def test_what_is_nothing_of_ours_is_acknowledged(office: DingTalkOffice) -> None:
    for body in ({}, {"msgId": "m"}, {"conversationId": 1, "text": []}):
        assert (await office.post(body)).status_code == 200
    card = await office.ask(QUESTION)
    other = office.dingtalk.press(card, "👍") | {"content": "{}", "value": "[]"}
    assert (await office.post(other)).status_code == 200


async def test_what_cannot_be_committed_is_not_acknowledged(office: DingTalkOffice) -> None:
    take, said = office.store.take_event, office.dingtalk.say(QUESTION)

    async def fail(event: object) -> bool:
        raise StoreError("full")

    office.store.take_event = fail  # type: ignore[method-assign,assignment]
    assert (await office.post(said)).status_code == 503
    office.store.take_event = take  # type: ignore[method-assign]
    await office.take(said)
    assert await office.asked() == [QUESTION]


async def test_in_stream_mode_nothing_listens() -> None:
    async with dingtalk_office(settings_of(http=False)) as office:
        for path in (MESSAGES_PATH, CARDS_PATH):
            assert await status(office, b"{}", signed(), path) == 404


def test_signatures_are_as_dingtalk_describes_them() -> None:
    """Over the time and the secret; of a click over the time alone."""
    signatures = Signatures("this is a secret", lambda: 1_577_262_236.757)
    assert signatures.of_message("1577262236757") == "DJrE6qdyVGCQz9z5r2MDuNcNAhwYnuAkyj13cx169CA="
    assert signatures.cards_secret != "this is a secret"
