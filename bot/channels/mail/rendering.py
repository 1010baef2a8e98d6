"""Answers as mails: plain text, and HTML that links to nothing but what was cited."""

import re
from collections.abc import Collection, Sequence
from functools import partial
from html import escape

import nh3
from markdown_it import MarkdownIt

from bot.domain.conversation import Locale, Message
from bot.domain.knowledge import Citation
from bot.domain.reply import Handoff, Reply
from bot.domain.ticket import Ticket
from bot.ports import Prompts

ACT = "mail"
TAGS = {
    *("p", "br", "hr", "ul", "ol", "li", "strong", "em", "code", "pre", "blockquote", "a"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
JOINS = {Locale.EN: " ", Locale.ZH: ""}  # sentences
_BOLD = re.compile(r"`[^`]*`|\*\*(?=\S)(.+?)(?<=\S)\*\*")
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


class MailText:
    def __init__(self, prompts: Prompts, site: str = "") -> None:
        """`site`: where this server is reached, before the addresses of its own article pages."""
        self._prompts = prompts
        self._site = site.rstrip("/")

    def answer(self, reply: Reply) -> tuple[str, str]:
        """Of the bot, as text and as HTML; it says that a program wrote it."""
        say = partial(self._prompts.text, ACT, reply.locale)
        footer = say("assistant" if isinstance(reply.act, Handoff) else "assistant_open")
        sources = [self._source(one) for one in reply.citations]
        text = _plain(reply.text)
        if sources:
            lines = [" ".join(filter(None, one)) for one in sources]
            text = "\n".join((f"{text}\n", f"{say('sources')}:", *lines))
        html = self._html(reply.text, [link for _, link in sources if link])
        if sources:
            items = "".join(f"<li>{_linked(*one)}</li>" for one in sources)
            html += f"<p>{escape(say('sources'))}</p><ul>{items}</ul>"
        html += f"<hr><p><small>{escape(footer)}</small></p>"
        return f"{text}\n\n-- \n{footer}", html

    def from_person(self, message: Message, name: str | None, locale: Locale) -> str:
        say = partial(self._prompts.text, ACT, locale)
        signature = name or say("team")
        if _is_signed(message.text, signature):
            return message.text
        return f"{message.text}\n\n-- \n{signature}"

    def survey(self, ticket: Ticket) -> str:
        say = partial(self._prompts.text, ACT, ticket.packet.locale)
        return f"{say('survey', ticket=ticket.label)}\n\n-- \n{say('assistant')}"

    def status(self, ticket: Ticket, goes_on: Ticket | None, deadline: str | None) -> str:
        """`goes_on`: the ticket it was merged into. `deadline`: until when somebody answers."""
        say = partial(self._prompts.text, ACT, ticket.packet.locale)
        other = goes_on.label if goes_on is not None else ticket.label
        parts = [say(f"status_{ticket.state.value}", ticket=ticket.label, other=other)]
        if deadline is not None:
            parts.append(say("status_due", deadline=deadline))
        return f"{JOINS[ticket.packet.locale].join(parts)}\n\n-- \n{say('assistant')}"

    def subject(self, locale: Locale) -> str:
        """Where the customer's mail had none."""
        return self._prompts.text(ACT, locale, "subject")

    def bounced(self, locale: Locale) -> str:
        return self._prompts.text(ACT, locale, "bounced")

    def shortened(self, locale: Locale) -> str:
        return self._prompts.text(ACT, locale, "shortened")

    def attached(self, names: Sequence[str], locale: Locale) -> str:
        return self._prompts.text(ACT, locale, "attached", names=", ".join(names))

    def _source(self, citation: Citation) -> tuple[str, str]:
        """Its name, and its address where it has one that can be opened from elsewhere."""
        url = citation.url
        if url.startswith("/"):
            url = f"{self._site}{url}" if self._site else ""
        return f"[{citation.n}] {citation.title}", url

    def _html(self, markdown: str, links: Collection[str]) -> str:
        def keep(_: str, name: str, value: str) -> str | None:
            return value if name == "href" and value in links else None

        return nh3.clean(
            _MARKDOWN.render(markdown),
            tags=TAGS,
            attributes={"a": {"href"}},
            attribute_filter=keep,
            url_schemes={"https", "http"},
        )


def _plain(markdown: str) -> str:
    """Without what marks words in bold, but for code."""
    lines, is_code = [], False
    for line in markdown.split("\n"):
        is_code ^= line.lstrip().startswith(("```", "~~~"))
        lines.append(line if is_code else _BOLD.sub(lambda found: found[1] or found[0], line))
    return "\n".join(lines)


def _is_signed(text: str, name: str) -> bool:
    """By its writer, as the last line."""
    last = text.rstrip().rsplit("\n", 1)[-1]
    return last.strip(" -–—,.，。").casefold() == name.casefold()


def _linked(name: str, url: str) -> str:
    return f'<a href="{escape(url)}">{escape(name)}</a>' if url else escape(name)
