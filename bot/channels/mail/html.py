"""A mail's HTML as the text that a person would read, without what it quotes."""

import re

from inscriptis import Inscriptis
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig
from lxml.etree import ParserError
from lxml.html import HtmlElement, HTMLParser, document_fromstring

LONGEST_HTML = 300_000  # characters
HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)

# What mail programs put around the mail they answer: Gmail, Apple Mail, Thunderbird, Outlook,
# Netease, QQ, Feishu, Yahoo.
QUOTES = (
    "//blockquote[@type='cite' or @cite or @id='isReplyContent' or contains(@class, 'quote')]",
    "//*[contains(concat(' ', @class, ' '), ' gmail_quote ')]",
    "//*[contains(@class, 'gmail_quote_container')]",
    "//*[contains(@class, 'moz-cite-prefix')]",
    "//*[contains(@class, 'history-quote') or contains(@class, 'lark-mail-quote')]",
    "//*[starts-with(@id, 'lark-mail-quote') or starts-with(@id, 'isReplyContent')]",
    "//*[contains(@class, 'yahoo_quoted')]",
)
# Everything from here to the end of its parent is quoted.
SEPARATORS = (
    "//*[@id='divRplyFwdMsg' or @id='appendonsend' or @id='mail-editor-reference-message-container'"
    " or @id='ms-outlook-mobile-signature']",
    "//*[contains(@class, 'gmail_signature')]/self::*[@data-smartmail]",
)


def text_of(html: str, *, with_quotes: bool = False) -> str:
    """Hidden text, scripts and images are left out; empty for what is no HTML."""
    cut = html[:LONGEST_HTML].replace("\x00", "")
    if not cut.strip():
        return ""
    try:
        # Told the encoding, it does not believe what a page says of itself.
        tree = document_fromstring(
            cut.encode(errors="replace"), parser=HTMLParser(encoding="utf-8")
        )
    except (ParserError, ValueError):
        return ""
    if not with_quotes:
        _drop_quotes(tree)
    for part in tree.xpath("//script | //style | //title"):
        part.drop_tree()
    _drop_layout(tree)
    return str(Inscriptis(tree, ParserConfig(css=CSS_PROFILES["strict"])).get_text()).strip()


def _drop_quotes(tree: HtmlElement) -> None:
    for path in QUOTES:
        for quote in tree.xpath(path):
            _drop(quote)
    for path in SEPARATORS:
        for start in tree.xpath(path):
            for follower in list(start.itersiblings()):
                _drop(follower)
            _drop(start)


def _drop_layout(tree: HtmlElement) -> None:
    """Columns and indentations are filled up with blanks: a small mail could ask for gigabytes."""
    for styled in tree.xpath("//*[@style]"):
        styled.set("style", "display:none" if HIDDEN.search(styled.get("style")) else "")
    for part in tree.xpath("//table | //caption | //thead | //tbody | //tfoot | //tr"):
        part.tag = "div"
    for cell in tree.xpath("//td | //th"):
        cell.tag = "span"
        cell.tail = f" {cell.tail or ''}"


def _drop(element: HtmlElement) -> None:
    if element.getparent() is not None:
        element.drop_tree()
