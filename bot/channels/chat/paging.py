"""One post's parts over several posts, each within the limits of a program."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from bot.channels.chat.sheet import Paragraph, Part, Sheet
from bot.channels.chat.text import Line, Span


@dataclass(frozen=True, slots=True)
class Paging:
    size: Callable[[Part], int]  # of a part as it is drawn
    longest: int  # part
    most: int  # of all parts of a post
    most_parts: int

    def pages(self, sheet: Sheet) -> Sequence[Sheet]:
        pages: list[list[Part]] = [[]]
        filled = 0
        for part in (piece for whole in sheet.parts for piece in self.split(whole)):
            size = self.size(part)
            is_full = filled + size > self.most or len(pages[-1]) == self.most_parts
            if pages[-1] and is_full:
                pages.append([])
                filled = 0
            pages[-1].append(part)
            filled += size
        return [replace(sheet, parts=tuple(parts)) for parts in pages]

    def split(self, part: Part) -> Sequence[Part]:
        """A paragraph that is too long, between its lines where that can be; others as they are."""
        if not isinstance(part, Paragraph) or self.size(part) <= self.longest:
            return [part]
        split: list[list[Line]] = [[]]
        for line in chain.from_iterable(map(self._short, _lines(part))):
            if not self._fits((*split[-1], line)):
                split.append([])
            if split[-1] or any(line):
                split[-1].append(line)
        return [Paragraph(tuple(lines)) for lines in split if lines]

    def _short(self, line: Line) -> Iterator[Line]:
        if self._fits((line,)):
            yield line
            return
        begun: list[Span] = []
        for span in line:
            rest = span
            while not self._fits(((*begun, rest),)):
                if not isinstance(rest, str):
                    if not begun:
                        break
                    yield tuple(begun)
                    begun = []
                    continue
                end = self._end(begun, rest)
                yield (*begun, rest[:end])
                begun, rest = [], rest[end:]
            begun.append(rest)
        yield tuple(begun)

    def _end(self, begun: Sequence[Span], text: str) -> int:
        """Of what of the text fits behind what is begun: at a word where there are any."""
        over = bisect_right(
            range(len(text)), False, key=lambda end: not self._fits(((*begun, text[:end]),))
        )
        end = max(over - 1, 0 if begun else 1)
        return text.rfind(" ", end // 2, end) + 1 or end

    def _fits(self, lines: tuple[Line, ...]) -> bool:
        return self.size(Paragraph(lines)) <= self.longest


def _lines(paragraph: Paragraph) -> Iterator[Line]:
    """Those that begin inside of a text as well."""
    for line in paragraph.lines:
        begun: list[Span] = []
        for span in line:
            first, *others = span.split("\n") if isinstance(span, str) else [span]
            begun.append(first)
            for other in others:
                yield tuple(begun)
                begun = [other]
        yield tuple(begun)
