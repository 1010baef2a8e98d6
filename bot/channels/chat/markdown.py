"""Markdown as a tree, for what is drawn of it, and as the words alone."""

from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

_PARSER = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def parse(markdown: str) -> SyntaxTreeNode:
    return SyntaxTreeNode(_PARSER.parse(markdown))


def plain(markdown: str) -> str:
    """The words alone, in one line."""
    return " ".join(" ".join(_words(parse(markdown))).split())


def text_of(node: SyntaxTreeNode) -> str:
    if not node.children:
        return " " if node.type.endswith("break") else node.content
    return "".join(text_of(child) for child in node.children)


def _words(node: SyntaxTreeNode) -> Iterator[str]:
    for child in node.children:
        if child.children and child.type != "inline":
            yield from _words(child)
        else:
            yield text_of(child)
