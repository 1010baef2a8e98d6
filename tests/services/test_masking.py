"""Masks: the same everywhere, stable, and nothing in them to read back."""

from datetime import UTC, datetime

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from bot.adapters.prompt_files import PromptFiles
from bot.domain.conversation import Author, Locale
from bot.domain.packet import Draft, Packet, Requester, SimilarTicket, TranscriptLine
from bot.domain.reply import HandoffReason
from bot.services.masking import Masker

PROMPTS = PromptFiles()
PIECES = [
    *("jo@example.com", "13812345678", "+49 30 901820", "4111 1111 1111 1111", "10.1.2.3"),
    *("11010519491231002X", "password is hunter2", "密码：abc123", "sk-abcdefghij123456"),
    *(
        "[email 1]",
        "[密码 2]",
        "token=",
        "电话",
        "version ",
        "12.3.0.1",
        "T-1042",
        ", ",
        "。",
        "\n",
    ),
]
texts = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=14).map("".join)


def masker(locale: Locale = Locale.EN) -> Masker:
    return Masker.speaking(PROMPTS, locale)


def test_the_same_thing_has_the_same_mask_in_all_texts() -> None:
    mask = masker().mask
    assert mask("a@example.com and b@example.com") == "[email 1] and [email 2]"
    assert mask("B@example.com again") == "[email 2] again"
    assert mask("138 1234 5678") == mask("13812345678") == "[phone 1]"


def test_masks_speak_the_language_of_the_conversation() -> None:
    masked = masker(Locale.ZH).mask("密码是abc123，电话13812345678")
    assert masked == "密码是[密码 1]，电话[电话 1]"


@given(texts)
@example("passwd=[email 1]: x1x1x1")
def test_masking_never_fails_is_stable_and_bounded(text: str) -> None:
    masked = masker().mask(text)
    assert masker().mask(masked) == masked
    assert len(masked) <= 4 * len(text) + 16


@given(st.sampled_from(["jo@example.com", "13812345678", "sk-abcdefghij123456"]), texts, texts)
def test_what_stands_apart_never_comes_through(value: str, before: str, behind: str) -> None:
    assume(value not in before and value not in behind)
    assert value not in masker().mask(f"{before}\nmy own: {value}\n{behind}")


def test_a_packet_is_masked_but_for_who_asks_and_what_articles_say() -> None:
    packet = Packet(
        requester=Requester(email="jo@example.com"),
        locale=Locale.EN,
        channel="widget",
        reason=HandoffReason.ASKED_FOR_HUMAN,
        summary="Mail jo@example.com the file",
        page="/users/jo@example.com",
        asks=("Mail jo@example.com the file",),
        transcript=(
            TranscriptLine("m", Author.CUSTOMER, "I am jo@example.com", datetime.now(UTC)),
        ),
        draft=Draft("Write to help@tideboard.example."),
        similar=(SimilarTicket("i", "T-1", "ask bob@example.com", "see bob@example.com", 0.9),),
    )
    masked = masker().mask_packet(packet)
    assert masked.summary == "Mail [email 1] the file" == masked.asks[0]
    assert masked.page == "/users/[email 1]"
    assert masked.transcript[0].text == "I am [email 1]"
    assert masked.similar[0].resolution == "see [email 2]"
    assert masked.requester == packet.requester
    assert masked.draft == packet.draft


@pytest.mark.parametrize("locale", Locale)
def test_a_long_text_takes_no_long_time(locale: Locale) -> None:
    text = "1.2.3.4 138 1234 5678 password is " * 2_000
    assert masker(locale).mask(text)
