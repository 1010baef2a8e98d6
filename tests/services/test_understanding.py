from dataclasses import replace

import pytest

from bot.domain.conversation import Author, Locale, Message, Outcome
from bot.domain.understanding import CHOSEN, Intent, Understanding
from bot.services.understanding import QuestionReader

READER = QuestionReader()


def said(*texts: str) -> list[Message]:
    """Customer and bot in turn, the customer first."""
    authors = (Author.CUSTOMER, Author.BOT)
    return [Message("c", authors[i % 2], text) for i, text in enumerate(texts)]


async def understand(
    text: str,
    history: list[Message] | None = None,
    asked: Locale | None = None,
    default: Locale = Locale.EN,
) -> Understanding:
    return await READER.understand(text, history or [], asked, default)


async def test_a_first_question_stands_alone() -> None:
    understood = await understand("hi, how do I reset my password")
    assert understood == Understanding(
        text="hi, how do I reset my password",
        locale=Locale.EN,
        intent=Intent.QUESTION,
        question="how do I reset my password",
    )


@pytest.mark.parametrize(
    ("text", "leans"), [("and for guests?", True), ("which formats are there", False)]
)
async def test_the_question_before_and_its_answer_are_the_background(
    text: str, leans: bool
) -> None:
    history = said("how do I export a board", "Choose **Export** on the board. [1]")
    understood = await understand(text, [*history, *said("thanks!", "You're welcome!")])
    assert bool(understood.context) is leans
    assert understood.background == "how do I export a board ; Choose Export on the board."
    assert 0 < understood.reliance < 1


@pytest.mark.parametrize("outcome", [Outcome.ABSTAINED, Outcome.CLARIFIED, Outcome.HANDED_OFF])
async def test_what_was_no_answer_is_no_background(outcome: Outcome) -> None:
    question = Message("c", Author.CUSTOMER, "how do I export a board")
    reply = Message("c", Author.BOT, "No article says so.", outcome=outcome)
    thanks = Message("c", Author.CUSTOMER, "thanks")
    understood = await understand("which formats are there", [question, reply, thanks])
    assert understood.background == question.text


@pytest.mark.parametrize(
    "text", ["by the way, is there an RSS feed", "¿Cómo puedo restablecer mi contraseña?"]
)
async def test_another_topic_and_another_language_have_no_background(text: str) -> None:
    understood = await understand(text, said("how do I export a board", "Choose Export."))
    assert (understood.background, understood.reliance) == ("", 0.0)


async def test_traditional_questions_are_looked_up_in_simplified() -> None:
    understood = await understand("怎麼匯出看板？")
    assert (understood.text, understood.question) == ("怎麼匯出看板？", "怎么汇出看板？")


@pytest.mark.parametrize(
    ("text", "asked", "default", "locale"),
    [
        ("how do I export a board", Locale.ZH, Locale.ZH, Locale.EN),
        ("怎么导出看板", Locale.EN, Locale.EN, Locale.ZH),
        ("Wie kann ich ein neues Projekt anlegen?", None, Locale.ZH, Locale.ZH),
        ("Wie kann ich ein neues Projekt anlegen?", Locale.EN, Locale.ZH, Locale.EN),
        ("?", Locale.ZH, Locale.EN, Locale.ZH),
        ("?", None, Locale.ZH, Locale.ZH),
        ("kanban", Locale.ZH, Locale.EN, Locale.ZH),
        ("kanban", None, Locale.ZH, Locale.EN),
    ],
)
async def test_a_clear_text_decides_the_locale(
    text: str, asked: Locale | None, default: Locale, locale: Locale
) -> None:
    assert (await understand(text, asked=asked, default=default)).locale is locale


async def test_a_third_language_is_marked() -> None:
    understood = await understand("¿Cómo puedo restablecer mi contraseña?")
    assert understood.foreign
    assert understood.intent is Intent.QUESTION


@pytest.mark.parametrize("text", ["403", "OK", "？？"])
async def test_a_doubtful_text_keeps_the_language_of_the_conversation(text: str) -> None:
    history = said(
        "how do I export a board", "Like this.", "怎么导出看板", "这样。", "👍", "好的。"
    )
    assert (await understand(text, history)).locale is Locale.ZH


@pytest.mark.parametrize(
    ("earlier", "text", "context", "question"),
    [
        (
            ["how do I add a milestone", "In the timeline."],
            "and for guests?",
            "how do I add a milestone",
            "how do I add a milestone ; and for guests?",
        ),
        (
            ["怎么新建里程碑", "在时间线里。"],
            "谢谢，那怎么删掉它？",
            "怎么新建里程碑",
            "怎么新建里程碑；那怎么删掉它？",
        ),
        (
            ["how do I add a milestone", "So.", "thanks!", "You're welcome!"],
            "is it free?",
            "how do I add a milestone",
            "how do I add a milestone ; is it free?",
        ),
        (
            ["转人工", "好的。", "怎么新建里程碑", "这样。"],
            "能改吗",
            "怎么新建里程碑",
            "怎么新建里程碑；能改吗",
        ),
        (
            ["how do I add a milestone", "So."],
            "how do I export a board as csv",
            "",
            "how do I export a board as csv",
        ),
        (["hi", "Hello!"], "and for guests?", "", "and for guests?"),
        ([], "and for guests?", "", "and for guests?"),
    ],
)
async def test_a_follow_up_takes_its_question_along(
    earlier: list[str], text: str, context: str, question: str
) -> None:
    understood = await understand(text, said(*earlier))
    assert (understood.context, understood.question) == (context, question)


async def test_a_chain_goes_back_to_the_question_that_stood_alone() -> None:
    history = said(
        "how do I export a board", "a", "how do I add a milestone", "b", "and for guests?", "c"
    )
    understood = await understand("is it free?", history)
    assert understood.context == "how do I add a milestone ; and for guests?"


async def test_a_chain_is_at_most_three_turns_long() -> None:
    history = said("how do I add one", "a", "and 1?", "b", "and 2?", "c", "and 3?", "d")
    assert (await understand("and 4?", history)).context == "and 1? ; and 2? ; and 3?"


@pytest.mark.parametrize("text", ["yes", "sure", "yes please", "ok", "继续", "好的", "是的"])
async def test_an_assent_takes_up_what_was_offered(text: str) -> None:
    history = said("how do I export a board", "As CSV or as PDF? Shall I list the steps?")
    understood = await understand(text, history)
    assert understood.intent is Intent.QUESTION
    assert understood.question == understood.context == "how do I export a board"


async def test_a_clarification_is_an_offer_however_it_is_worded() -> None:
    question = Message("c", Author.CUSTOMER, "how do I export a board")
    offer = Message("c", Author.BOT, "Tell me which one.", outcome=Outcome.CLARIFIED)
    assert (await understand("ok", [question, offer])).context == "how do I export a board"


ASKED_BACK = Message(
    "c",
    Author.BOT,
    "Which one do you mean?\n\n- Export a board to a file\n- Reports",
    outcome=Outcome.CLARIFIED,
)


@pytest.mark.parametrize(
    "text", ["Export a board to a file", "export a board to a FILE", "reports"]
)
async def test_an_option_is_taken_together_with_the_question(text: str) -> None:
    question = Message("c", Author.CUSTOMER, "how do I do it")
    understood = await understand(text, [question, ASKED_BACK])
    assert understood.clarified
    assert understood.context == "how do I do it"
    assert text in understood.question


async def test_another_question_after_being_asked_back_stands_alone() -> None:
    question = Message("c", Author.CUSTOMER, "how do I do it")
    text = "why can a commenter not see the budget of our project"
    understood = await understand(text, [question, ASKED_BACK])
    assert understood.clarified
    assert (understood.context, understood.question) == ("", text)


@pytest.mark.parametrize(
    ("text", "option"),
    [("the second", "Reports"), ("第一个", "Export a board to a file"), ("2", "Reports")],
)
async def test_an_option_can_be_picked_by_its_place(text: str, option: str) -> None:
    question = Message("c", Author.CUSTOMER, "how do I do it")
    understood = await understand(text, [question, ASKED_BACK])
    assert understood.context == "how do I do it"
    assert understood.question.endswith(option)
    assert (understood.rewriting, understood.own_text) == (CHOSEN, "")
    assert (await understand(text)).rewriting is None


async def test_a_follow_up_knows_which_option_was_picked() -> None:
    question = Message("c", Author.CUSTOMER, "how do I do it")
    history = [question, ASKED_BACK, *said("the second", "Open Reports.")]
    assert (await understand("and for guests?", history)).context == "how do I do it ; Reports"


@pytest.mark.parametrize(
    ("text", "leans"), [("tell me a joke", False), ("only that one", True), ("reports", True)]
)
async def test_few_words_after_being_asked_back_may_be_something_else(
    text: str, leans: bool
) -> None:
    question = Message("c", Author.CUSTOMER, "how do I do it")
    understood = await understand(text, [question, ASKED_BACK])
    assert (understood.context, understood.leans) == ("how do I do it", leans)
    assert understood.alone.question == text
    assert understood.alone.context == ""


async def test_what_a_bot_asked_without_options_is_answered_by_whatever_is_told() -> None:
    assert (await reply_to("Which version?", Outcome.CLARIFIED, "that would be 4.1")).leans


async def test_thanks_after_being_asked_back_are_thanks() -> None:
    question = Message("c", Author.CUSTOMER, "how do I do it")
    assert (await understand("thanks", [question, ASKED_BACK])).intent is Intent.THANKS


@pytest.mark.parametrize("text", ["yes", "ok", "可以"])
async def test_an_abstention_offers_nothing_however_it_ends(text: str) -> None:
    question = Message("c", Author.CUSTOMER, "how do I export a board")
    no_offer = Message("c", Author.BOT, "Could you reword it?", outcome=Outcome.ABSTAINED)
    understood = await understand(text, [question, no_offer])
    assert understood.intent is not Intent.QUESTION
    assert understood.context == ""


async def test_an_assent_to_a_plain_answer_is_no_question() -> None:
    history = said("how do I export a board", "Choose Export.")
    understood = await understand("ok", history)
    assert (understood.intent, understood.context) == (Intent.THANKS, "")


async def test_an_agent_s_words_are_no_context() -> None:
    history = [Message("c", Author.AGENT, "how do I export a board")]
    assert (await understand("and for guests?", history)).context == ""


@pytest.mark.parametrize("text", ["转人工，那怎么导出？", "get me a person. and for guests?"])
async def test_a_request_for_a_person_is_heard_beside_a_question(text: str) -> None:
    understood = await understand(text, said("how do I add a milestone", "So."))
    assert understood.wants_human
    assert understood.context == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\x00\x01",
        "\ud800",
        "a" * 4_000,
        "转" * 4_000,
        "😀" * 4_000,
        "?!" * 2_000,
        '"' * 4_000,
        "`" * 4_000,
        "get me a " * 450,
        "call the support of your " * 200,
        "does is are which plan plans " * 150,
        "企业版有" * 1_000,
        "2026-11-21 12:00:01 ERROR com.example.Foo - connection refused\n" * 60,
    ],
    ids=lambda text: repr(text[:8]),
)
async def test_odd_input_is_understood_as_something(text: str) -> None:
    understood = await understand(text, said(text, text, text, text))
    assert understood.text == text
    assert understood.locale in Locale


async def reply_to(bot_says: str, outcome: Outcome, text: str) -> Understanding:
    question, reply = said("the exported PDF is blank", bot_says)
    return await understand(text, [question, replace(reply, outcome=outcome)])


@pytest.mark.parametrize(
    ("offer", "text"),
    [
        ("Would you like me to connect you with a colleague?", "yes please"),
        ("Should a person look at this instead? Say so and I'll pass it on.", "ok"),
        ("If you would rather have a person look at this, say so.", "please do"),
        ("需要帮您转接人工客服吗？", "好的"),
        ("如果希望由人工来看，说一声，我就转给同事。", "要的"),
    ],
)
async def test_who_takes_up_the_offer_of_a_person_asks_for_one(offer: str, text: str) -> None:
    assert (await reply_to(offer, Outcome.ANSWERED, text)).intent is Intent.PERSON


@pytest.mark.parametrize(
    ("said_last", "text"),
    [
        ("If you would rather have a person look at this, say so.", "ok"),
        ("Should a person look at this instead?", "no thanks"),
        ("Do you mean the board or the list?", "yes"),
        ("您是想导出列表还是看板？", "好的"),
        ("同事都可以编辑这个看板。", "好的"),
    ],
)
async def test_other_agreement_is_no_request(said_last: str, text: str) -> None:
    assert (await reply_to(said_last, Outcome.ANSWERED, text)).intent is not Intent.PERSON


@pytest.mark.parametrize(
    ("text", "question"),
    [
        (
            "that would be version 4.1 on windows, mail me at jo@example.com",
            "the exported PDF is blank ; that would be version 4.1 on windows, mail me at",
        ),
        ("版本是 3.2.1，用的是 Windows 上的客户端", "the exported PDF is blank"),
    ],
)
async def test_who_tells_what_the_bot_asked_goes_on_with_the_question(
    text: str, question: str
) -> None:
    understood = await reply_to("Which version do you use?", Outcome.CLARIFIED, text)
    assert understood.question.startswith(question)
    assert understood.context == "the exported PDF is blank"


async def test_a_new_question_is_none_of_what_was_asked_for() -> None:
    text = "where in the settings can I change the logo of my 3 boards"
    understood = await reply_to("Which version do you use?", Outcome.CLARIFIED, text)
    assert "PDF" not in understood.question
