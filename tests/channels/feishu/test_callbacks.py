"""What Feishu hears at once of a click."""

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.adapters.prompt_files import PromptFiles
from bot.channels.chat.handlers import Handlers
from bot.channels.chat.intake import Intake
from bot.channels.feishu.callbacks import CLOSE, Callbacks
from bot.channels.feishu.events import read_event
from bot.domain.conversation import Locale
from bot.domain.inbound import InboundEvent
from tests.channels.feishu.goldens import check_card, texts_of
from tests.feishu_server import ANN, GROUP, FeishuServer, Json


class Post:
    """That takes clicks, and keeps what was committed."""

    def __init__(self, locale: Locale = Locale.EN) -> None:
        self.handlers = Handlers()
        self.store = MemoryStore()
        intake = Intake("feishu", read_event, self.store, self.handlers, lambda: None)
        self.callbacks = Callbacks(intake, PromptFiles(), locale)
        for kind in ("click:go", "form:go"):
            self.handlers.add(kind, self.handle)

    async def handle(self, event: InboundEvent) -> None: ...


def clicked(value: Json, form: Json | None = None) -> Json:
    action: Json = {"tag": "button", "value": value}
    if form is not None:
        action["form_value"] = form
    context = {"open_chat_id": GROUP, "open_message_id": "om_card"}
    told = {"operator": {"open_id": ANN}, "context": context, "action": action}
    return FeishuServer().event("card.action.trigger", told)


@pytest.mark.parametrize(("locale", "words"), [(Locale.EN, "Got it"), (Locale.ZH, "收到")])
async def test_it_is_said_that_it_was_taken(locale: Locale, words: str) -> None:
    answer = await Post(locale).callbacks.take(clicked({"action": "go"}))
    assert answer["toast"]["content"] == words
    assert answer["toast"]["i18n"] == {"zh_cn": "收到", "en_us": "Got it"}
    assert "card" not in answer


@pytest.mark.parametrize(
    ("title", "words"), [("Reply to T-1", "Reply to T-1: sent"), ("回复 T-1", "回复 T-1：已提交")]
)
async def test_in_the_place_of_a_form_stands_that_it_was_sent(title: str, words: str) -> None:
    value = {"action": "go", "asked": ANN, "title": title}
    answer = await Post().callbacks.take(clicked(value, {"text": "x"}))
    assert answer["card"]["type"] == "raw"
    check_card(answer["card"]["data"])
    assert words in texts_of(answer["card"]["data"])[0]


async def test_or_that_it_was_closed() -> None:
    value = {"action": CLOSE, "asked": ANN, "title": "Reply"}
    answer = await Post().callbacks.take(clicked(value))
    assert "Reply: closed" in texts_of(answer["card"]["data"])[0]


async def test_a_form_of_somebody_else_stays() -> None:
    for action in ("go", CLOSE):
        answer = await Post().callbacks.take(clicked({"action": action, "asked": "ou_bob"}, {}))
        assert answer["toast"]["type"] == "warning"
        assert "card" not in answer


async def test_what_a_reaction_says_goes_first() -> None:
    post = Post()

    async def react(event: InboundEvent) -> Json:
        return {"toast": {"content": event.kind}}

    post.handlers.add_reaction("click:go", react)
    assert (await post.callbacks.take(clicked({"action": "go"})))["toast"]["content"] == "click:go"


async def test_what_is_none_of_ours_is_answered_by_nothing() -> None:
    take = Post().callbacks.take
    assert await take(clicked({"other": "app"})) == {}
    assert await take({"header": 1}) == {}
    assert await take({}) == {}
