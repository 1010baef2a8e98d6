"""The shipped texts: complete, in the right language, and promising nothing that is not done."""

import re
import tomllib

import pytest

from bot.adapters.desk_wording import ELSEWHERE
from bot.adapters.prompt_files import PROMPTS_FOLDER, PromptFiles
from bot.channels.chat.ticket_sheet import TOLD_BELOW
from bot.domain.conversation import Author, Locale
from bot.domain.customer import Tier
from bot.domain.desk_history import TOLD
from bot.domain.policy import Comfort
from bot.domain.reply import AbstainReason, HandoffReason
from bot.domain.ticket import Priority, TicketState
from bot.domain.understanding import Intent, ToneLabel
from bot.services.drafting import DEEDS
from bot.services.handoff import LASTING_CHANNELS
from bot.services.personal_data import Kind
from bot.services.situations import Situation

VALUES = {
    "ask": "A",
    "articles": "A",
    "title": "T",
    "sources": "[1]",
    "date": "2026-01-31",
    "contact": "help@example.com",
    "language": "L",
    "words": "120",
    "most": "4000",
    "program": "P",
    "question": "Q",
    "context": "C",
    "passages": "P",
    "conversation": "C",
    "message": "M",
    "options": "O",
    "minutes": "40",
    "time": "17:00",
    "day": "D",
    "where": "(W)",
    "city": "C",
    "offset": "+01:00",
    "ticket": "T-12",
    "other": "T-9",
    "deadline": "17:00",
    "email": "mei@example.com",
    "customer": "Mei",
    "agent": "Li",
    "who": "Mei",
    "reference": "INC0000001",
    "summary": "S",
    "tier": "premium",
    "channel": "widget",
    "page": "/boards/7",
    "reason": "R",
    "due": "2026-01-31 17:00",
    "priority": "urgent",
    "names": "a.pdf",
    "user": "<@U1>",
    "count": "3",
    "all": "4",
    "unassigned": "2",
    "breaching": "1",
    "course": "calm",
    "until": "2026-01-31 17:00",
    "mark": "//",
    "team": "Harbour",
    "csat": "4",
    "text": "T",
    "link": "https://example.com",
}
CONTACT = ("with_contact", "without_contact")
NOTICES = (
    *("opened", "taken_over", "resolved", "reopened", "returned", "cancelled", "merged"),
    "contact",
)
WITHOUT_WORDS = ("user", "channel_slack")  # data alone, and a name
SITUATIONS = (
    *("wait", "upset", "blocked", "data", "billing", "details", "steps", "bug", "wish"),
    *("colleague", "quiet", "solved"),
)
DISLIKE = ("title", "label", "hint", "send", "close")
ENTRIES = {
    "dingtalk": {"quote_and_write"},
    "smalltalk": {
        "greeting",
        "greeting_reply",
        *(i.value for i in Intent if i not in (Intent.QUESTION, Intent.PERSON)),
    },
    "abstain": {
        *(reason.value for reason in AbstainReason),
        "with_contact",
        "without_contact",
        "with_desk",
        "reading",
        "other_language",
        "foreign",
    },
    "answer": {
        AbstainReason.CONFLICTING_SOURCES.value,
        AbstainReason.STALE_SOURCE.value,
        *("other_language", "foreign", "system", "user"),
    },
    "clarify": {"question", "system", "user"},
    "rewrite": {"system", "user"},
    "person": {
        *("request", "offer_with_desk"),
        *(f"{case}{suffix}" for case in ("", "needed_", "offer_") for suffix in CONTACT),
    },
    "empathy": set(Comfort),
    "feishu": {"taken", "not_yours", "form_sent", "form_closed"},
    "desk": {
        *("subject", "who", "verified", "unverified", "nobody", "about", "page", "reason", "due"),
        *("contact", "wants", "asks", "step", "draft", "sources", "found", "similar"),
        *("transcript", "left_out", "follows"),
        *(author.value for author in Author),
        *(reason.value for reason in HandoffReason),
        *TOLD.values(),
        *ELSEWHERE.values(),
    },
    "mail": {
        *("sources", "assistant", "assistant_open", "team", "subject", "attached", "bounced"),
        *("shortened", "survey", "status_due"),
        *(f"status_{state.value}" for state in TicketState),
    },
    "mail_desk": {"above", "below", "over", "empty", "quoted", "files"},
    "chat_desk": {
        *("priority", "tone", "open", "rule", "rule_flat", "nobody_has", "has", "snoozed"),
        *(tone.value for tone in ToneLabel),
        *(f"tier_{tier}" for tier in Tier),
        *(f"speaks_{locale}" for locale in Locale),
        *(f"channel_{channel}" for channel in LASTING_CHANNELS),
        *(f"priority_{priority}" for priority in Priority),
        *(f"first_response_{state}" for state in ("running", "paused", "met", "breached")),
        *(f"resolution_{state}" for state in ("running", "paused", "breached")),
        *(f"is_{state}" for state in ("resolved", "returned", "cancelled", "merged")),
        *("claim", "reply", "resolve", "reopen", "return", "close", "send"),
        *("sure_title", "sure_resolve", "sure_return"),
        *("reply_title", "reply_label", "then", "and_resolve"),
        *TOLD_BELOW.values(),
        *("taken", "over", "kept", "elsewhere", "not_here", "files", "no_words", "too_long"),
    },
    "chat": {
        *(
            "sources",
            "person",
            "up",
            "up_label",
            "down",
            "down_label",
            "share",
            "asked",
            "repeated",
        ),
        *("shared_by", "from_agent", "team", "more", "looking", "writing", "late"),
        *(f"dislike_{part}" for part in DISLIKE),
        "rated_by_asker",
        *("cancel", "cancel_title", "cancel_text", "cancel_not"),
        *("not_their_choice", "called", "attached", "deleted"),
    },
    "slack": {
        *("empty_ask", "empty_message", "looked", "status"),
        *("prompts_title", "prompt_what", "prompt_person"),
    },
    "slack_home": {
        *("tickets", "no_tickets", "answer_due", "answer_late", "answered", "waits"),
        *("resolution_due", "resolution_late", "snoozed", "resolved", "over", "kept"),
        *("answers", "no_answers", "queue", "queue_counts", "empty_queue", "more", "inbox"),
        *(f"row_{fact}" for fact in ("agent", "free", "due", "late", "waits")),
    },
    "slack_install": {"title", "done", "declined", "late", "failed"},
    "chat_support": {"already", "not_theirs", "not_theirs_to_cancel", "over"},
    "slack_support": {"opened", "here", "there", "alone"},
    "chat_survey": {
        *("question", *(f"csat_{n}" for n in range(1, 6)), "scale", "decline", "thanks", "more"),
        *("done", "declined", "closed", "not_theirs"),
        *("title", "recommend", "comment", "send", "close"),
    },
    "error": {"knowledge_base"},
    "handoff": {
        *("opened", "details", "added", "contact", "kept", "reach", "go_on"),
        *(f"notice_{name}" for name in NOTICES),
        "files_at_desk",
    },
    "mask": {kind.value for kind in Kind},
    "packet": {
        *("no_ask", "tried", "unverified", "about", "other_language", "close", "system", "user"),
        *(f"step_{situation}" for situation in Situation),
        *(f"open_{tone}" for tone in ("calm", "frustrated", "angry", "failed", "urgent")),
        *(f"do_{deed}" for deed in DEEDS),
    },
    "canned": {"somebody", *SITUATIONS, *(f"{name}_title" for name in SITUATIONS)},
    "deadline": {
        *("late", "minutes", "hour", "today", "tomorrow", "later"),
        *("in_china", "in_city", "from_utc"),
    },
}
ALL = [(act, name, locale) for act in ENTRIES for name in sorted(ENTRIES[act]) for locale in Locale]
PROMPTS = PromptFiles()
PROMISES = re.compile(
    r"escalated|transferred|will (?:be with you|contact you|get back|reply)|shortly|someone will"
    r"|已(?:经)?(?:为您)?(?:转接|升级|转交)|会(?:尽快)?联系您|马上(?:就)?(?:来|有人)|稍后(?:会)?有",
    re.IGNORECASE,
)


def shown(act: str, locale: Locale, name: str) -> str:
    return PROMPTS.text(act, locale, name, **VALUES)


@pytest.mark.parametrize(("act", "name", "locale"), ALL)
def test_every_entry_is_there_and_filled_in(act: str, name: str, locale: Locale) -> None:
    text = shown(act, locale, name)
    assert text
    assert "$" not in text


def test_no_entry_is_unknown() -> None:
    for file in PROMPTS_FOLDER.glob("*.toml"):
        act = file.name.split(".")[0]
        assert set(tomllib.loads(file.read_text("utf-8"))) == ENTRIES[act], file.name


@pytest.mark.parametrize(
    ("act", "name", "locale"), [case for case in ALL if case[1] not in WITHOUT_WORDS]
)
def test_each_text_is_in_its_language(act: str, name: str, locale: Locale) -> None:
    has_han = re.search(r"[\u4e00-\u9fff]", shown(act, locale, name)) is not None
    assert has_han == (locale is Locale.ZH)


# What a hand-off says is said of a ticket that stands in the store.
PROVEN = ("opened", "details", "contact")
UNPROVEN = [case for case in ALL if case[0] != "handoff" or case[1] not in PROVEN]


@pytest.mark.parametrize(("act", "name", "locale"), UNPROVEN)
def test_nobody_is_promised(act: str, name: str, locale: Locale) -> None:
    assert PROMISES.search(shown(act, locale, name)) is None


@pytest.mark.parametrize("locale", Locale)
def test_the_greeting_says_what_it_is(locale: Locale) -> None:
    assert "AI" in shown("smalltalk", locale, "greeting")
    assert "AI" in shown("smalltalk", locale, "about_bot")


@pytest.mark.parametrize("locale", Locale)
def test_the_contact_is_shown_as_configured(locale: Locale) -> None:
    assert VALUES["contact"] in shown("person", locale, "with_contact")


@pytest.mark.parametrize("locale", Locale)
def test_the_model_is_told_the_closed_grammar(locale: Locale) -> None:
    system, user = shown("answer", locale, "system"), shown("answer", locale, "user")
    assert "NO_ANSWER" in system
    assert "[1]" in system
    assert VALUES["words"] in system
    for fence in ("conversation", "question", "passages"):
        assert f"<{fence}>" in user
        assert f"</{fence}>" in user


@pytest.mark.parametrize("locale", Locale)
@pytest.mark.parametrize("comfort", Comfort)
def test_there_are_several_ways_to_console(comfort: Comfort, locale: Locale) -> None:
    sayings = PROMPTS.variants("empathy", locale, comfort.value)
    assert len(set(sayings)) >= 3
    for saying in sayings:
        assert len(re.findall(r"[.。!！]", saying)) <= 1  # one sentence
        assert "?" not in saying
        assert PROMISES.search(saying) is None


@pytest.mark.parametrize("locale", Locale)
def test_a_handoff_names_its_ticket_and_its_time(locale: Locale) -> None:
    opened = shown("handoff", locale, "opened")
    assert VALUES["ticket"] in opened
    assert VALUES["deadline"] in opened
    for name in NOTICES:
        assert VALUES["ticket"] in shown("handoff", locale, f"notice_{name}")
