"""What one post shows, before a chat program puts its own layout on it, and what is filled in.

Nothing here is escaped, cut or split: whoever draws it keeps the program's limits.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.channels.chat.text import Line


@dataclass(frozen=True, slots=True)
class Heading:
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Side by side where there is room."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Small:
    """Beside the matter: sources, who says it, how to go on."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    intro: Line
    text: str


@dataclass(frozen=True, slots=True)
class Markdown:
    """What the bot or an agent says."""

    text: str
    links: frozenset[str] | None = None  # addresses that may be opened; None: all
    breaks: bool = False  # every line end is one, as people write
    more: str = ""  # shown below what had to be cut


@dataclass(frozen=True, slots=True)
class Confirmation:
    title: str
    text: str
    yes: str
    no: str


@dataclass(frozen=True, slots=True)
class Button:
    action: str  # names who handles a click on it
    label: str
    value: str  # what the click brings back
    is_primary: bool = False
    confirm: Confirmation | None = None


@dataclass(frozen=True, slots=True)
class Buttons:
    name: str  # of the group, unlike all others of its sheet
    buttons: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Thumb:
    label: str
    spoken: str  # to who cannot see it
    value: str


@dataclass(frozen=True, slots=True)
class Thumbs:
    """Whether it helped."""

    action: str
    up: Thumb
    down: Thumb


Part = Heading | Paragraph | Facts | Small | Quote | Markdown | Buttons | Thumbs


@dataclass(frozen=True, slots=True)
class Sheet:
    notice: str  # what notifications show, and where nothing else can be shown
    parts: tuple[Part, ...] = ()
    is_loud: bool = False  # everybody around is told, not only who follows the thread


@dataclass(frozen=True, slots=True)
class TextField:
    name: str
    label: str
    value: str = ""
    hint: str = ""
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    name: str
    label: str
    options: Mapping[str, str]  # shown, by the value it gives
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class Tick:
    name: str
    label: str
    text: str  # beside the box


@dataclass(frozen=True, slots=True)
class Form:
    """Filled in by one person; comes back as a click whose `values` are given by name."""

    action: str
    value: str  # comes back with it
    title: str
    send: str
    close: str
    fields: tuple[TextField | Choice | Tick, ...]
    intro: str = ""
