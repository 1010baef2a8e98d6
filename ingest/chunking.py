"""Third step of ingestion: an article becomes the chunks that are embedded and found."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ingest.article import Article, Block, BlockKind, Chunk, Section
from ingest.budget import count_tokens
from ingest.splitting import split

__all__ = ["CHUNKER_VERSION", "TOKEN_BUDGET", "chunk", "count_tokens"]

CHUNKER_VERSION = "2"  # raise it when the same article would give other chunks
TOKEN_BUDGET = 180


def chunk(article: Article, budget: int = TOKEN_BUDGET) -> list[Chunk]:
    """Neighbouring blocks of one section up to `budget` tokens; nothing is lost, the order is kept.

    A list, table, code block or quote stays whole up to twice the budget, with a short lead-in.
    """
    sections = _with_text(article.sections) or [_outline(article)]
    chunks: list[Chunk] = []
    for section in sections:
        blocks = (piece for block in section.blocks for piece in split(block, budget))
        for group in _gather(blocks, budget):
            chunks.append(_build(article, section, len(chunks), group))
    return chunks


def _with_text(sections: Iterable[Section]) -> list[Section]:
    """By images nothing is found: those of a section without text stand in the one before it."""
    found: list[Section] = []
    waiting: tuple[Block, ...] = ()  # images above all text
    for section in sections:
        if any(block.plain for block in section.blocks):
            found.append(replace(section, blocks=waiting + section.blocks))
            waiting = ()
        elif found:
            found[-1] = replace(found[-1], blocks=found[-1].blocks + section.blocks)
        else:
            waiting += section.blocks
    return found


def _outline(article: Article) -> Section:
    """An article of images is found by its title and its headings."""
    images = tuple(block for section in article.sections for block in section.blocks)
    title = Block(BlockKind.PARAGRAPH, article.title, article.title, 1)
    items = [
        Block(BlockKind.LIST, f"- {heading}", heading, section.line)
        for section in article.sections
        for heading in section.heading_path[-1:]
    ]
    if not items:
        return Section((), None, 1, (title, *images))
    markdown = "\n".join(item.markdown for item in items)
    plain = "\n".join(item.plain for item in items)
    outline = Block(BlockKind.LIST, markdown, plain, items[0].line, tuple(items))
    return Section((), None, 1, (title, outline, *images))


def _gather(blocks: Iterable[Block], budget: int) -> Iterator[list[Block]]:
    group: list[Block] = []
    size = 0
    for block in blocks:
        tokens = count_tokens(block.plain)
        is_structure = block.kind is not BlockKind.PARAGRAPH
        room = 2 * budget if is_structure and size <= budget // 3 else budget
        # An image joins what stands before it; text joins images that nothing else stands with.
        if block.plain and size and size + tokens > room:
            lead = group.pop() if is_structure and _leads(group, tokens, budget) else None
            yield group
            group = [lead] if lead else []
            size = count_tokens(lead.plain) if lead else 0
        group.append(block)
        size += tokens
    if group:
        yield group


def _leads(group: list[Block], tokens: int, budget: int) -> bool:
    """`Do this:` belongs to the list or the code that follows."""
    last = group[-1]
    return (
        any(block.plain for block in group[:-1])
        and last.kind is BlockKind.PARAGRAPH
        and last.plain.endswith((":", "："))
        and count_tokens(last.plain) <= budget // 3
        and count_tokens(last.plain) + tokens <= 2 * budget
    )


def _build(article: Article, section: Section, ordinal: int, blocks: list[Block]) -> Chunk:
    return Chunk(
        path=article.path,
        ordinal=ordinal,
        anchor=section.anchor,
        title=article.title,
        heading_path=section.heading_path,
        locale=article.locale,
        audience=article.audience,
        line=blocks[0].line,
        blocks=tuple(replace(block, parts=()) if block.parts else block for block in blocks),
        questions=article.questions if ordinal == 0 else (),
        review_by=article.review_by,
        translation_of=article.translation_of,
    )
