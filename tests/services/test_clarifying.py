import pytest

from bot.adapters.prompt_files import PromptFiles
from bot.domain.conversation import Locale
from bot.domain.errors import ModelUnavailable
from bot.domain.knowledge import Evidence
from bot.domain.policy import Decision
from bot.domain.reply import Clarification, DecisionKind
from bot.domain.understanding import Intent, Understanding
from bot.services.acting import Actor, Performance
from bot.services.clarifying import Clarifier
from bot.services.grounding import Fallback
from tests.services.passages import passage
from tests.services.scripted_chat import ScriptedChat

PROMPTS = PromptFiles()
TITLES = {
    Locale.EN: ("Delete a project", "Delete a custom field"),
    Locale.ZH: ("删除项目", "删除自定义字段"),
}
ASKED = {Locale.EN: "delete", Locale.ZH: "删除"}
GOOD = {
    Locale.EN: "Do you want to delete a project or a custom field?",
    Locale.ZH: "您想删除的是项目还是自定义字段？",
}


async def asked_back(
    chat: ScriptedChat, locale: Locale = Locale.EN, timeout_s: float = 60.0
) -> Performance:
    found = tuple(passage("…", locale, f"{t}.md", "a", t) for t in TITLES[locale])
    actor = Actor(PROMPTS, "", clarifier=Clarifier(chat, PROMPTS, timeout_s))
    understanding = Understanding(ASKED[locale], locale, Intent.QUESTION, ASKED[locale])
    evidence = Evidence(found, 0.4, "s", terms=1)
    return await actor.act(Decision(DecisionKind.CLARIFY), understanding, evidence)


@pytest.mark.parametrize("locale", Locale)
async def test_the_model_words_the_question_and_the_titles_stay_the_options(
    locale: Locale,
) -> None:
    chat = ScriptedChat((GOOD[locale],))
    done = await asked_back(chat, locale)
    assert isinstance(done.act, Clarification)
    assert (done.act.question, done.act.options) == (GOOD[locale], TITLES[locale])
    assert done.act.text.splitlines()[2:] == [f"- {title}" for title in TITLES[locale]]
    assert (done.model, done.fallback) == ("test:scripted", None)
    assert all(title in chat.requests[0][1] for title in TITLES[locale])


@pytest.mark.parametrize(
    ("chat", "reason"),
    [
        (ScriptedChat((), ModelUnavailable("refused")), Fallback.UNAVAILABLE),
        (ScriptedChat(("Do",), hangs=True), Fallback.TIMEOUT),
        (ScriptedChat(("\n",)), Fallback.EMPTY),
        (ScriptedChat(("Which one? " * 30,)), Fallback.TOO_LONG),
        (ScriptedChat((GOOD[Locale.ZH],)), Fallback.WRONG_LANGUAGE),
        (ScriptedChat(("Do you want to delete a project or the whole workspace?",)), None),
        (ScriptedChat(("Open the project and delete it.",)), None),
        (ScriptedChat(("Do you want to delete 3 projects?",)), None),
        (ScriptedChat(("Which one? See [here](https://evil.example)?",)), None),
        (ScriptedChat(("Deleted.\nWhich project?",)), None),
    ],
)
async def test_otherwise_the_bots_own_words_ask(
    chat: ScriptedChat, reason: Fallback | None
) -> None:
    done = await asked_back(chat, timeout_s=0.05)
    assert isinstance(done.act, Clarification)
    assert done.act.question == PROMPTS.text("clarify", Locale.EN, "question")
    assert done.act.options == TITLES[Locale.EN]
    assert (done.model, done.fallback) == (None, reason or Fallback.UNGROUNDED)
