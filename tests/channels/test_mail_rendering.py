"""Words as a mail shows them."""

from bot.adapters.prompt_files import PromptFiles
from bot.channels.mail.rendering import MailText
from bot.domain.conversation import Author, Locale, Message
from bot.domain.reply import Reply, SmallTalk

TEXT = MailText(PromptFiles())


def said(text: str) -> Message:
    return Message("c-1", Author.AGENT, text)


def test_plain_text_shows_no_marks_of_bold() -> None:
    spoken = SmallTalk("Open **Boards** with `**kw`.\n\n```\n2**3**4\n```")
    text, html = TEXT.answer(Reply(spoken, Locale.EN))
    assert text.startswith("Open Boards with `**kw`.\n\n```\n2**3**4\n```")
    assert "<strong>Boards</strong>" in html


def test_who_signs_is_not_signed_for_again() -> None:
    signed = "Try again.\n\n-- Lee"
    assert TEXT.from_person(said(signed), "Lee", Locale.EN) == signed
    assert TEXT.from_person(said("Lee knows."), "Lee", Locale.EN) == "Lee knows.\n\n-- \nLee"
