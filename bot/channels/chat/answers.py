"""What the bot and agents say, as sheets: the text, then where it is from and what can be done."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.channels.chat.markdown import plain
from bot.channels.chat.sheet import (
    Button,
    Buttons,
    Confirmation,
    Markdown,
    Part,
    Quote,
    Sheet,
    Small,
    Thumb,
    Thumbs,
)
from bot.channels.chat.text import Bold, Line, Link, Mention, Span, Words
from bot.domain.conversation import Locale, Message
from bot.domain.knowledge import Citation
from bot.domain.reply import Abstention, Answer, Clarification, Handoff, Reply, Silence, SmallTalk
from bot.ports import Prompts

ACT = "chat"
FEEDBACK, UP, DOWN = "feedback", "up", "down"
PERSON, CANCEL = "talk_to_person", "cancel_request"
SHARE, SUGGEST = "share", "suggest"

LONGEST_CHOICE = 1900  # characters, of a button's value beside the conversation's id
MOST_SOURCES = 9


class AnswerWriter:
    def __init__(self, prompts: Prompts, site: str = "") -> None:
        """`site`: where this server is reached, before the addresses of its own article pages."""
        self._words = {locale: Words(prompts, ACT, locale) for locale in Locale}
        self._site = site.rstrip("/")

    def reply(
        self, reply: Reply, question: str | None = None, hidden: frozenset[str] = frozenset()
    ) -> Sheet:
        """`question`: where nobody sees it above the answer. `hidden`: paths of articles that have
        no page for those who read this."""
        links = frozenset(
            url for one in reply.citations if one.path not in hidden and (url := self._url(one))
        )
        text = reply.act.question if isinstance(reply.act, Clarification) else reply.text
        parts: list[Part] = []
        if question is not None:
            parts.append(Quote(self._words[reply.locale].line("asked"), question))
        more = self._words[reply.locale].text("more")
        parts.append(Markdown(text, links, more=more))
        parts += [*self._sources(reply, links), *self._choices(reply)]
        return Sheet(plain(reply.text), tuple(parts))

    def shareable(self, sheet: Sheet, reply: Reply) -> Sheet:
        """For one person alone, who may show it to everybody."""
        if not isinstance(reply.act, Answer) or reply.message is None:
            return sheet
        button = Button(SHARE, self._words[reply.locale].text("share"), reply.message)
        return replace(sheet, parts=(*sheet.parts, Buttons("share", (button,))))

    def repeated(self, sheet: Sheet, locale: Locale) -> Sheet:
        """Shown again where nobody knows whether it was."""
        perhaps = Small((self._words[locale].line("repeated"),))
        return replace(sheet, parts=(perhaps, *sheet.parts))

    def shared(self, reply: Reply, question: str, user: str, hidden: frozenset[str]) -> Sheet:
        """To everybody, by the person who asked."""
        sheet = self.reply(reply, hidden=hidden)
        intro = self._words[reply.locale].line("shared_by", user=Mention(user))
        return replace(sheet, parts=(Quote(intro, question), *sheet.parts))

    def asked(self, question: str, locale: Locale) -> Sheet:
        """What a private chat begins with that goes on from elsewhere."""
        return Sheet(plain(question), (Quote(self._words[locale].line("asked"), question),))

    def from_agent(self, message: Message, name: str | None, locale: Locale) -> Sheet:
        words = self._words[locale]
        who = words.line("from_agent", agent=name) if name else words.line("team")
        return Sheet(plain(message.text), (Markdown(message.text, breaks=True), Small((who,))))

    def notice(self, message: Message) -> Sheet:
        """What happened, as the system notes it."""
        return Sheet(plain(message.text), (Small(((message.text,),)),))

    def _sources(self, reply: Reply, links: frozenset[str]) -> Iterator[Part]:
        if reply.citations:
            title: Line = (Bold(self._words[reply.locale].text("sources")),)
            numbers: dict[Span, str] = {}  # several passages may be of one article
            for one in reply.citations[:MOST_SOURCES]:
                source = self._source(one, links)
                numbers[source] = f"{numbers.get(source, '')}[{one.n}] "
            yield Small((title, *((told, source) for source, told in numbers.items())))

    def _source(self, citation: Citation, links: frozenset[str]) -> Span:
        url = self._url(citation)
        return Link(citation.title, url) if url in links else citation.title

    def _choices(self, reply: Reply) -> Iterator[Part]:
        """What could be asked next, a person or none after all, and whether it helped."""
        act, words = reply.act, self._words[reply.locale]
        if isinstance(act, Handoff | Silence):
            if isinstance(act, Handoff) and act.ticket and reply.conversation is not None:
                value = f"{reply.conversation}.{act.ticket}"
                yield Buttons("choices", (_cancel(words, act, value),))
            return
        asked = act.options if isinstance(act, Clarification) else reply.suggestions
        buttons = [
            Button(f"{SUGGEST}.{n}", text, f"{reply.conversation}.{text}")
            for n, text in enumerate(asked)
            if reply.conversation is not None and len(text) <= LONGEST_CHOICE
        ]
        if reply.conversation is not None and (reply.offer_human or not _is_small(reply)):
            buttons.append(
                Button(PERSON, words.text("person"), reply.conversation, reply.offer_human)
            )
        if buttons:
            yield Buttons("choices", tuple(buttons))
        if isinstance(act, Answer | Abstention) and reply.message is not None:
            yield self._thumbs(words, reply.message)

    def _thumbs(self, words: Words, message: str) -> Thumbs:
        def thumb(name: str) -> Thumb:
            return Thumb(words.text(name), words.text(f"{name}_label"), f"{name}.{message}")

        return Thumbs(FEEDBACK, thumb(UP), thumb(DOWN))

    def _url(self, citation: Citation) -> str:
        """Empty where it cannot be opened from elsewhere."""
        if not citation.url.startswith("/"):
            return citation.url
        return f"{self._site}{citation.url}" if self._site else ""


def _cancel(words: Words, handed: Handoff, value: str) -> Button:
    sure = Confirmation(
        words.text("cancel_title", ticket=handed.number or ""),
        words.text("cancel_text"),
        words.text("cancel"),
        words.text("cancel_not"),
    )
    return Button(CANCEL, words.text("cancel"), value, confirm=sure)


def without_question(sheet: Sheet) -> Sheet:
    """Where it stands above already."""
    parts: Sequence[Part] = [part for part in sheet.parts if not isinstance(part, Quote)]
    return replace(sheet, parts=tuple(parts))


def _is_small(reply: Reply) -> bool:
    return isinstance(reply.act, SmallTalk)
