"""What Markdown a written answer may hold, judged by a Markdown parser that allows everything."""

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

GRAMMAR = {
    *("paragraph_open", "paragraph_close", "inline", "text", "softbreak"),
    *("strong_open", "strong_close", "code_inline", "fence"),
    *("bullet_list_open", "bullet_list_close", "ordered_list_open", "ordered_list_close"),
    *("list_item_open", "list_item_close"),
}
ADDRESS = re.compile(r"//\S|www\.|[a-z]+:[!-~]|[\w.]@[\w.]|\w\.(?:com|example|evil|test)\b", re.I)
_PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def strays(markdown: str) -> set[str]:
    """Kinds of tokens outside of the grammar."""
    found: set[str] = set()
    pending: list[Token] = _PARSER.parse(markdown)
    while pending:
        token = pending.pop()
        found.add(token.type)
        pending.extend(token.children or ())
    return found - GRAMMAR


def addresses(markdown: str) -> list[str]:
    """Whatever some client might turn into a link."""
    return [match[0] for match in ADDRESS.finditer(markdown)]
