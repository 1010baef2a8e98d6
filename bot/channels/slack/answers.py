"""What the bot and agents say, as blocks: the text, then where it is from and what can be done."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate

from bot.channels.slack import elements, mrkdwn
from bot.channels.slack.elements import LONGEST_SAID, LONGEST_TEXT, MOST_BLOCKS, Block
from bot.domain.conversation import Locale, Message
from bot.domain.knowledge import Citation
from bot.domain.reply import Abstention, Answer, Clarification, Handoff, Reply, Silence, SmallTalk
from bot.ports import Prompts

ACT = "slack"
FEEDBACK, UP, DOWN = "feedback", "up", "down"
PERSON, SHARE, SUGGEST = "talk_to_person", "share", "suggest"

LONGEST_BUTTON = 75  # characters
LONGEST_CHOICE = 1900  # of a button's value, beside the conversation's id
LONGEST_NOTICE = 300  # of what a notification shows
MOST_TEXTS = MOST_BLOCKS - 8  # what follows them needs the others
MOST_SOURCES = 10  # of a context block


@dataclass(frozen=True, slots=True)
class Shown:
    """Of one message."""

    notice: str  # what a notification shows
    texts: tuple[str, ...]
    after: tuple[Block, ...] = ()
    before: tuple[Block, ...] = ()

    @property
    def said(self) -> Sequence[Block]:
        return said(self.texts)

    @property
    def blocks(self) -> Sequence[Block]:
        return [*self.before, *self.said, *self.after]


def said(texts: Sequence[str]) -> Sequence[Block]:
    return [elements.section(text) for text in texts]


def fitting(texts: Sequence[str]) -> Sequence[str]:
    """Those that there is room for."""
    lengths = accumulate(map(len, texts))
    kept = [text for text, length in zip(texts, lengths, strict=True) if length <= LONGEST_SAID]
    return kept[:MOST_TEXTS]


class AnswerWriter:
    def __init__(self, prompts: Prompts, site: str = "") -> None:
        """`site`: where this server is reached, before the addresses of its own article pages."""
        self._prompts = prompts
        self._site = site.rstrip("/")

    def reply(
        self, reply: Reply, question: str | None = None, hidden: frozenset[str] = frozenset()
    ) -> Shown:
        """`question`: where nobody sees it above the answer. `hidden`: paths of articles that have
        no page for those who read this."""
        say = partial(self._prompts.text, ACT, reply.locale)
        links = frozenset(
            url for one in reply.citations if one.path not in hidden and (url := self._url(one))
        )
        text = reply.act.question if isinstance(reply.act, Clarification) else reply.text
        texts = mrkdwn.render(text, links)
        kept = fitting(texts)
        after = [*self._sources(reply, links), *self._choices(reply)]
        if len(kept) < len(texts):
            after.insert(0, elements.context(elements.escape(say("more"))))
        before = () if question is None else _asked(say("asked"), question)
        return Shown(_notice(reply.text), tuple(kept), tuple(after), tuple(before))

    def shareable(self, shown: Shown, reply: Reply) -> Shown:
        """For one person alone, who may show it to everybody."""
        if not isinstance(reply.act, Answer) or reply.message is None:
            return shown
        label = self._prompts.text(ACT, reply.locale, "share")
        share = elements.button(SHARE, label, reply.message)
        return replace(shown, after=(*shown.after, elements.actions("share", [share])))

    def shared(self, reply: Reply, question: str, user: str, hidden: frozenset[str]) -> Shown:
        """To everybody, by the person who asked."""
        shown = self.reply(reply, hidden=hidden)
        words = self._prompts.text(ACT, reply.locale, "shared_by", user=f"<@{user}>")
        return replace(shown, before=tuple(_asked(words, question)))

    def asked(self, question: str, locale: Locale) -> Shown:
        """What a direct message begins with that goes on from elsewhere."""
        words = self._prompts.text(ACT, locale, "asked")
        return Shown(_notice(question), (), tuple(_asked(words, question)))

    def from_agent(self, message: Message, name: str | None, locale: Locale) -> Shown:
        words = "from_agent" if name else "team"
        who = self._prompts.text(ACT, locale, words, **({"agent": name} if name else {}))
        texts = fitting(mrkdwn.render(message.text, None, breaks=True))
        notice = _notice(message.text)
        return Shown(notice, tuple(texts), (elements.context(elements.escape(who)),))

    def notice(self, message: Message) -> Shown:
        """What happened, as the system notes it."""
        return Shown(_notice(message.text), (), (elements.context(elements.escape(message.text)),))

    def _sources(self, reply: Reply, links: frozenset[str]) -> Sequence[Block]:
        if not reply.citations:
            return []
        label = self._prompts.text(ACT, reply.locale, "sources")
        lines = [f"*{elements.escape(label)}*"]
        for one in reply.citations[: MOST_SOURCES - 1]:
            url = self._url(one)
            title = mrkdwn.link(url, one.title) if url in links else elements.escape(one.title)
            lines.append(f"[{one.n}] {title}")
        return [elements.context(*lines)]

    def _choices(self, reply: Reply) -> Sequence[Block]:
        """Buttons: what could be asked next, a person, and whether it helped."""
        act = reply.act
        if isinstance(act, Handoff | Silence):
            return []
        asked = act.options if isinstance(act, Clarification) else reply.suggestions
        buttons = [
            elements.button(f"{SUGGEST}.{n}", _label(text), f"{reply.conversation}.{text}")
            for n, text in enumerate(asked)
            if reply.conversation is not None and len(text) <= LONGEST_CHOICE
        ]
        if reply.conversation is not None and (reply.offer_human or not _is_small(reply)):
            style = "primary" if reply.offer_human else ""
            label = self._prompts.text(ACT, reply.locale, "person")
            buttons.append(elements.button(PERSON, label, reply.conversation, style))
        blocks = [elements.actions("choices", buttons)] if buttons else []
        if isinstance(act, Answer | Abstention) and reply.message is not None:
            blocks.append(self._feedback(reply.locale, reply.message))
        return blocks

    def _feedback(self, locale: Locale, message: str) -> Block:
        def thumb(name: str) -> Block:
            return {
                "text": elements.plain(self._prompts.text(ACT, locale, name)),
                "accessibility_label": self._prompts.text(ACT, locale, f"{name}_label"),
                "value": f"{name}.{message}",
            }

        buttons = {
            "type": "feedback_buttons",
            "action_id": FEEDBACK,
            "positive_button": thumb(UP),
            "negative_button": thumb(DOWN),
        }
        return {"type": "context_actions", "elements": [buttons]}

    def _url(self, citation: Citation) -> str:
        """Empty where it cannot be opened from elsewhere."""
        if not citation.url.startswith("/"):
            return citation.url
        return f"{self._site}{citation.url}" if self._site else ""


def _asked(words: str, question: str) -> Sequence[Block]:
    quoted = elements.cut(mrkdwn.quote(question), LONGEST_TEXT - len(words) - 1)
    return [elements.context(f"{words}\n{quoted}")]


def _is_small(reply: Reply) -> bool:
    return isinstance(reply.act, SmallTalk)


def _label(text: str) -> str:
    shown = " ".join(text.split())
    return shown if len(shown) <= LONGEST_BUTTON else f"{shown[: LONGEST_BUTTON - 1]}…"


def _notice(text: str) -> str:
    return elements.cut(elements.escape(mrkdwn.plain(text)), LONGEST_NOTICE)
