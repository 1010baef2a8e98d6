"""What leaves the house without what points to a person: masks that nothing can be read back from.

Names stay: an agent has to address somebody, and words cannot be told from names by their form.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.domain.conversation import Locale, Message
from bot.domain.packet import Packet
from bot.ports import Prompts
from bot.services.personal_data import Kind, find

ACT = "mask"
_MOST_ROUNDS = 4  # a mask may uncover something beside it; hardly ever once, never often


class Masker:
    """One for all the texts of a conversation: the same thing gets the same mask in all of them."""

    def __init__(self, labels: Mapping[Kind, str]) -> None:
        """`labels`: what a kind is called where it is masked."""
        self._labels = labels
        self._numbers: dict[tuple[Kind, str], int] = {}
        self._counts: dict[Kind, int] = {}

    @classmethod
    def speaking(cls, prompts: Prompts, locale: Locale) -> "Masker":
        return cls({kind: prompts.text(ACT, locale, kind.value) for kind in Kind})

    def mask(self, text: str) -> str:
        """Masked again, it stays as it is."""
        for _ in range(_MOST_ROUNDS):
            masked = self._mask_once(text)
            if masked == text:
                break
            text = masked
        return text

    def mask_packet(self, packet: Packet) -> Packet:
        """All that was said. Who asks stays, since an agent needs it to answer, and so does what
        articles say."""
        mask = self.mask
        return replace(
            packet,
            summary=mask(packet.summary),
            page=mask(packet.page) if packet.page else packet.page,
            asks=tuple(map(mask, packet.asks)),
            transcript=tuple(replace(line, text=mask(line.text)) for line in packet.transcript),
            similar=tuple(
                replace(ticket, summary=mask(ticket.summary), resolution=mask(ticket.resolution))
                for ticket in packet.similar
            ),
        )

    def _mask_once(self, text: str) -> str:
        pieces, position = [], 0
        for found in find(text):
            pieces += [
                text[position : found.start],
                self._of(found.kind, text[found.start : found.end]),
            ]
            position = found.end
        return "".join([*pieces, text[position:]])

    def _of(self, kind: Kind, value: str) -> str:
        key = kind, "".join(filter(str.isalnum, value.casefold()))
        if key not in self._numbers:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._numbers[key] = self._counts[kind]
        return f"[{self._labels[kind]} {self._numbers[key]}]"


def mask_messages(messages: Sequence[Message], masker: Masker) -> Sequence[Message]:
    """With masks in all that was said; a reply's own text is shown nowhere."""
    return [replace(said, text=masker.mask(said.text)) for said in messages]
