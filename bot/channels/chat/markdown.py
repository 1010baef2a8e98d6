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


def readable(markdown: str) -> str:
    """The words alone, a line for each paragraph, item, and row of a table."""
    return "\n".join(_lines(parse(markdown)))


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


def _lines(node: SyntaxTreeNode) -> Iterator[str]:
    for child in node.children:
        match child.type:
            case "bullet_list" | "ordered_list":
                yield from _items(child)
            case "tr":
                yield " | ".join(text_of(cell) for cell in child.children)
            case "fence" | "code_block":
                yield from child.content.rstrip("\n").splitlines()
            case "inline":
                yield text_of(child)
            case _:
                yield from _lines(child)


def _items(node: SyntaxTreeNode) -> Iterator[str]:
    first = int(node.attrs.get("start", 1))
    for number, item in enumerate(node.children, first):
        mark = f"{number}. " if node.type == "ordered_list" else "- "
        head, *rest = list(_lines(item)) or [""]
        yield f"{mark}{head}"
        yield from (f"{' ' * len(mark)}{line}" for line in rest)
