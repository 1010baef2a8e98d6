"""What is posted is proved, and nothing else is listened to."""

import json
import time
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from bot.channels.chat.proofs import OLDEST_S
from bot.channels.feishu import LARGEST_EVENT
from bot.channels.feishu.encryption import decrypt
from bot.channels.feishu.webhook import Proofs
from bot.domain.errors import StoreError
from bot.settings import Settings
from tests.channels.chat.office import QUESTION
from tests.channels.feishu.office import FeishuOffice, feishu_office, settings_of
from tests.feishu_server import (
    ENCRYPT_KEY,
    VERIFICATION_TOKEN,
    FeishuServer,
    Json,
    encrypt,
    feishu_server,
    request_of,
)

PATH = "/feishu/events"
CHALLENGE = {"type": "url_verification", "challenge": "c-1", "token": VERIFICATION_TOKEN}


@pytest.fixture
async def feishu() -> AsyncIterator[FeishuServer]:
    async with feishu_server() as server:
        yield server


@pytest.fixture
async def office(feishu: FeishuServer) -> AsyncIterator[FeishuOffice]:
    async with feishu_office(feishu) as office:
        yield office


def unencrypted(feishu: FeishuServer) -> Settings:
    settings = settings_of(feishu)
    plain = settings.feishu.model_copy(update={"encrypt_key": SecretStr("")})
    return settings.model_copy(update={"feishu": plain})


async def status(office: FeishuOffice, content: bytes, headers: dict[str, str]) -> int:
    return (await office.http.post(PATH, content=content, headers=headers)).status_code


async def test_the_address_is_verified(office: FeishuOffice, feishu: FeishuServer) -> None:
    # Without a signature, as Feishu asks it.
    content = json.dumps({"encrypt": encrypt(ENCRYPT_KEY, json.dumps(CHALLENGE).encode())})
    answer = await office.http.post(PATH, content=content)
    assert answer.json() == {"challenge": "c-1"}
    wrong = json.dumps({**CHALLENGE, "token": "another"}).encode()
    content = json.dumps({"encrypt": encrypt(ENCRYPT_KEY, wrong)})
    assert (await office.http.post(PATH, content=content)).status_code == 401
    async with feishu_office(feishu, unencrypted(feishu)) as plain:
        answer = await plain.http.post(PATH, json=CHALLENGE)
        assert answer.json() == {"challenge": "c-1"}


async def test_an_event_by_the_token_alone(feishu: FeishuServer) -> None:
    async with feishu_office(feishu, unencrypted(feishu)) as office:
        event = feishu.say(QUESTION)
        forged = {**event, "header": {**event["header"], "token": "another"}}
        bare = {**event, "header": {"event_type": "im.message.receive_v1"}}
        for body in (forged, bare, {"header": []}, {}):
            assert await status(office, *request_of(body)) == 401
        assert await status(office, *request_of(event)) == 200
        await office.work()
        assert await office.asked() == [QUESTION]


async def test_what_is_not_signed_by_feishu_is_refused(
    office: FeishuOffice, feishu: FeishuServer
) -> None:
    event = feishu.say(QUESTION)
    content, headers = request_of(event, ENCRYPT_KEY)
    for name in ("X-Lark-Signature", "X-Lark-Request-Timestamp", "X-Lark-Request-Nonce"):
        without = {key: value for key, value in headers.items() if key != name}
        assert await status(office, content, without) == 401
        assert await status(office, content, {**headers, name: "another"}) == 401
    assert await status(office, *request_of(event, "another-key")) == 401
    assert await status(office, *request_of(event)) == 401
    assert await status(office, b"{}", headers) == 401
    assert await status(office, b"no json", headers) == 401
    assert await status(office, b"[" * 100_000, headers) == 401
    assert await status(office, b'{"encrypt": "AAAA"}', headers) == 401
    assert await status(office, content, headers) == 200
    await office.work()
    assert await office.asked() == [QUESTION]


@pytest.mark.parametrize("age", [-OLDEST_S - 5, OLDEST_S + 5])
async def test_what_is_stale_or_of_the_future_is_refused(
    office: FeishuOffice, feishu: FeishuServer, age: int
) -> None:
    event = feishu.say(QUESTION)
    assert await status(office, *request_of(event, ENCRYPT_KEY, at=time.time() - age)) == 401


async def test_what_is_replayed_changes_nothing(office: FeishuOffice, feishu: FeishuServer) -> None:
    content, headers = request_of(feishu.say(QUESTION), ENCRYPT_KEY)
    for _ in range(3):
        assert await status(office, content, headers) == 200
        await office.work()
    assert await office.asked() == [QUESTION]


async def test_what_is_too_large_is_not_read(office: FeishuOffice) -> None:
    content = b'{"encrypt": "' + b"A" * LARGEST_EVENT + b'"}'
    assert await status(office, content, {}) == 413


async def test_what_cannot_be_committed_is_not_acknowledged(
    office: FeishuOffice, feishu: FeishuServer
) -> None:
    take = office.store.take_event

    async def fail(event: object) -> bool:
        raise StoreError("full")

    office.store.take_event = fail  # type: ignore[method-assign,assignment]
    event = feishu.say(QUESTION)
    assert (await office.post(event)).status_code == 503
    office.store.take_event = take  # type: ignore[method-assign]
    await office.take(event)
    assert await office.asked() == [QUESTION]


async def test_a_click_is_answered_at_once(office: FeishuOffice, feishu: FeishuServer) -> None:
    await office.take(feishu.say(QUESTION))
    post = feishu.posted()[0]["message_id"]
    action = feishu.actions(post)[0]["action"]
    answer = (await office.post(feishu.click(post, action))).json()
    assert answer["toast"]["content"]
    body: Json = feishu.click(post, action)
    body["event"]["action"]["value"] = {"other": "app"}
    assert (await office.post(body)).json() == {}


async def test_without_its_settings_nothing_listens(feishu: FeishuServer) -> None:
    async with feishu_office(feishu, settings_of(feishu, posted=False)) as office:
        assert await status(office, *request_of(feishu.say(QUESTION))) == 404


def test_decryption_is_as_feishu_describes_it() -> None:
    """The example of its documentation."""
    sealed = "P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk="
    assert decrypt("test key", sealed) == b"hello world"
    for broken in ("", "AAAA", "%%%", sealed[:-4], encrypt("another", b"hello world")):
        with pytest.raises(ValueError):  # noqa: PT011
            decrypt("test key", broken)


def test_proofs_need_no_more_than_one_secret() -> None:
    content, headers = request_of({"header": {}}, "key", at=100)
    low = {name.lower(): value for name, value in headers.items()}
    assert Proofs("key", "", lambda: 100).open(low, content) == {"header": {}}
    with pytest.raises(ValueError, match="token"):
        Proofs("key", "token", lambda: 100).open(low, content)
