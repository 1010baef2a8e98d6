"""What has to be quoted along with a part so that it can be understood."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from bot.services.parts import Part

ANTECEDENTS = 2  # sentences at most that one is traced back over


class Context:
    """Of all parts of the evidence; `room` is what may come along, in words."""

    def __init__(self, parts: Iterable[Part], room: int) -> None:
        self._room = room
        self._blocks: dict[tuple[int, int], list[Part]] = defaultdict(list)
        for part in parts:
            self._blocks[part.passage, part.block].append(part)

    def extract(self, part: Part) -> tuple[Part, ...]:
        """The part with what it needs, in reading order; empty when it cannot stand."""
        if part.asks or part.is_label or not part.bare:
            return ()
        if part.leads_in and part.is_running:
            return self._with_following(part)
        match part.kind:
            case "list":
                own = self._steps(part) if part.is_step else [part]
                # Steps from the middle are not what was announced.
                return (*(() if own[0].is_step and own[0].place else self._lead_in(part)), *own)
            case "code":
                return (*self._lead_in(part), part)
            case "table":
                return (part,)
            case _:
                return (*self._antecedents(part), part)

    def _block(self, part: Part, step: int = 0) -> Sequence[Part]:
        return self._blocks.get((part.passage, part.block + step), ())

    def _steps(self, part: Part) -> list[Part]:
        """All steps while there is room; otherwise from the one asked for, up and down."""
        block = self._block(part)
        first = last = part.place
        while True:
            wider = [(first, last + 1), (first - 1, last)]
            fitting = [
                (a, b)
                for a, b in wider
                if a >= 0 and b < len(block) and _words(block[a : b + 1]) <= self._room
            ]
            if not fitting:
                return list(block[first : last + 1])
            first, last = fitting[0]

    def _lead_in(self, part: Part) -> Sequence[Part]:
        """The sentence that announces a list or code."""
        before = self._block(part, -1)
        return before[-1:] if before and before[-1].leads_in and before[-1].is_running else ()

    def _with_following(self, part: Part) -> tuple[Part, ...]:
        """An announcement means nothing without what it announces."""
        block = self._block(part)
        following = block[part.place + 1 : part.place + 2] or self._block(part, 1)
        kept: list[Part] = []
        for each in following:
            if _words([*kept, each]) > self._room:
                break
            kept.append(each)
        return (*self._antecedents(part), part, *kept) if kept else ()

    def _antecedents(self, part: Part) -> Sequence[Part]:
        """The sentences before one that points back at them."""
        block = self._block(part)
        first = part.place
        while first and part.place - first < ANTECEDENTS and block[first].points_back:
            first -= 1
        return block[first : part.place]


def _words(parts: Iterable[Part]) -> int:
    return sum(part.words for part in parts)
