import pytest

from bot.domain.conversation import Author, Message
from bot.services.closings import Closings
from tests.fakes import FakeStore

TELLS = ("It works again now.", "问题已经修复。")
ASKS = ("Shall I reset it for you?", "需要我帮您重置吗")


def said(text: str, author: Author = Author.CUSTOMER, **values: bool) -> Message:
    return Message("a", author, text, **values)


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.mark.parametrize("told", [*TELLS, *ASKS])
@pytest.mark.parametrize(
    "text",
    [
        "Thanks",
        "thank you so much!!",
        "Thanks, bye",
        "that's all, thanks a lot 🙏",
        "No thanks",
        "谢谢",
        "非常感谢！",
        "謝謝您的幫助",
        "没有了，谢谢",
        "谢谢，再见",
        "辛苦了",
    ],
)
async def test_thanks_ask_for_nothing(store: FakeStore, told: str, text: str) -> None:
    store.log.append(said(told, Author.AGENT))
    assert await Closings(store).closes(said(text))


@pytest.mark.parametrize(
    "text", ["ok thanks", "Okay, thx", "Yes, thank you", "Great, it works now, thanks",
             "好的谢谢", "好的，谢谢", "可以，谢谢", "收到，辛苦了"]
)  # fmt: skip
async def test_an_ok_with_thanks_takes_up_what_an_agent_asked(store: FakeStore, text: str) -> None:
    closings = Closings(store)
    for told in (*TELLS, *ASKS):
        store.log.append(said("Why is it slow?"))
        store.log.append(said(told, Author.AGENT))
        assert await closings.closes(said(text)) is (told in TELLS)


@pytest.mark.parametrize(
    "text",
    [
        "ok",
        "好的",
        "yes",
        "Hello",
        "Are you there? Thanks",
        "在吗？谢谢",
        "Thanks, but it still fails",
        "Thanks, I have attached the log",
        "Thanks. When will it be fixed?",
        "谢谢，还是不行",
        "谢谢，什么时候能好",
        "谢谢，转人工",
        "42",
        "",
        "thanks " * 40,
    ],
)
async def test_whoever_says_more_waits_for_an_answer(store: FakeStore, text: str) -> None:
    store.log.append(said(TELLS[0], Author.AGENT))
    assert not await Closings(store).closes(said(text))


async def test_the_button_asks_for_a_person_whatever_its_words(store: FakeStore) -> None:
    assert not await Closings(store).closes(said("Thanks", wants_human=True))
