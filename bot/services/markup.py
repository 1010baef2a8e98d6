"""The closed grammar of a written answer: paragraphs, lists, code, bold, `[n]` at sentence ends."""

import html
import itertools
import re
import textwrap
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

MOST_COMBINING = 2  # marks on one character; more are there to disturb

# Letters and marks that show nothing and can carry a hidden message.
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_LINE_END = re.compile("\r\n?|[\u0085\u2028\u2029\v\f]")
_STACKED = re.compile(
    f"([\u0300-\u036f\u20d0-\u20ff]{{{MOST_COMBINING}}})[\u0300-\u036f\u20d0-\u20ff]+"
)
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})

_FENCE = re.compile(r"\s*(`{3,}|~{3,})\s*([\w+-]*)[^`]*$")
_HEADING = re.compile(r"\s*#{1,6}(\s|$)")
_RULE = re.compile(r"\s*([-*_=])(\s*\1)*\s*$")
_ITEM = re.compile(
    r"(?P<indent>\s*)(?P<marker>[-*+•]|\d{1,2}[.)、．])(?:\s+|(?<=、))(?P<text>\S.*)"
)
_CHECKBOX = re.compile(r"^\[[ xX]\]\s+")
_BLOCK_MARK = re.compile(r"^(?:#+|>|\||~+|(?:[-+*=]|\d{1,9}[.)])(?=\s|$)|\s)+")

_CODE = re.compile(r"(?<!`)(`{1,2})(?!`)([^`\n]+)(?<!`)\1(?!`)")
_IDS = re.compile(r"[\[［【]\s*\^?(\d{1,2}(?:\s*[,，、]\s*\^?\d{1,2})*)\s*[\]］】]")
_ID = re.compile(r"\[(\d{1,9})\]")
_REPEATED_ID = re.compile(r"(\[\d+\])(?:\s*\1)+")
_LINK = re.compile(r"(?<!!)\[([^\[\]]*)\]\(\s*([^()\s]*(?:\([^()\s]*\)[^()\s]*)*)[^()]*\)")
_AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^<>\s]+|[^<>\s@]+@[^<>\s]+)>", re.I)
_OPENED, _CLOSED = "\ue000", "\ue001"  # stand for an id's brackets; private use never comes in
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])|\\+$")
_ENTITY = re.compile(r"&#?\w{1,31};")
_TAG = re.compile(r"<[^\s\d=]")
_STRAY_MARK = re.compile(
    r"(?<!\*)\*(?!\*)(?=\S)|(?<=\S)(?<!\*)\*(?!\*)|~~+|`+|(?<![A-Za-z0-9])_+|_+(?![A-Za-z0-9])"
)

_ABBREVIATED = r"(?<!\be\.g)(?<!\bi\.e)(?<!\betc)(?<!\bvs)(?<!\bNo)(?<!\b[A-Z])(?<!^\d)(?<!^\d\d)"
_CLOSERS = r"[\"”’)）』」】*]"
_SENTENCE_END = re.compile(
    rf"(?:[。！？!?…]+|{_ABBREVIATED}\.+(?=$|\s|\[|{_CLOSERS})){_CLOSERS}*(?:\s*\[\d+\])*[.。]?\s*"
)
# "Yes." belongs to the sentence that says why.
_VERDICT = re.compile(
    r"\**(?:yes|no|是的?|对|可以|不可以|能|不能|行|不行|支持|不支持|有|没有|会|不会)\**[.!。！]\**",
    re.I,
)
_AS_ONE = re.compile(
    r"`[^`\n]+`|https?://[!-~]+|\[[^\[\]]*\]\([^()]*\)|!\[[^\[\]]*\](?:\[[^\[\]]*\])?|!\[|"
    r"<[^<>\s][^<>]*>"
)
_FINAL_IDS = re.compile(rf"(?:\s*\[\d+\])+\s*[.。!！?？:：;；,，]*{_CLOSERS}*$")


@dataclass(frozen=True, slots=True)
class Item:
    """A paragraph (`marker` is empty) or one item of a list (`-` or `1.`)."""

    text: str
    marker: str = ""
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Text:
    items: tuple[Item, ...]  # one paragraph, or the items of one list

    @property
    def is_list(self) -> bool:
        return bool(self.items[0].marker)


@dataclass(frozen=True, slots=True)
class Code:
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """Inside the grammar: plain text, bold, inline code and ids."""

    text: str
    code: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()  # of links whose label alone was kept

    @property
    def ids(self) -> tuple[int, ...]:
        return ids_in([self.text])

    @property
    def ends_with_ids(self) -> bool:
        return ends_with_ids(self.text)

    @property
    def body(self) -> str:
        """What is claimed: no ids, no code."""
        return _ID.sub("", _CODE.sub(" ", self.text)).strip()

    def renumbered(self, numbers: dict[int, int]) -> str:
        def change(text: str) -> str:
            text = _ID.sub(lambda m: f"[{numbers[int(m[1])]}]", text)
            return _REPEATED_ID.sub(r"\1", text)

        return _outside_code(self.text, change)


def visible(text: str) -> str:
    """The text without control, invisible, bidirectional, tag and unassigned characters."""
    lines = _BLANK.sub("", _LINE_END.sub("\n", text)).replace("\t", "    ")
    kept = (c for c in lines if c == "\n" or unicodedata.category(c) not in _HIDDEN_CATEGORIES)
    return _STACKED.sub(r"\1", "".join(kept))


def read(text: str) -> list[Text | Code]:
    """Blocks of visible text; headings and rules are left out, quotes are read as paragraphs."""
    blocks: list[Text | Code] = []
    items: list[Item] = []
    lines = iter(text.split("\n"))
    for line in lines:
        fence = _FENCE.match(line)
        if fence or not line.strip() or _HEADING.match(line) or _RULE.match(line):
            # A blank line between items does not end their list.
            if items and (fence or line.strip() or not items[0].marker):
                blocks.append(_closed(items))
            if fence:
                blocks.append(Code(fence[2], _fenced(lines, fence[1])))
            continue
        _place(line, items, blocks)
    if items:
        blocks.append(_closed(items))
    return blocks


def split(text: str) -> list[str]:
    """Sentences of one paragraph or item, each with the ids that follow its full stop."""
    masked = _AS_ONE.sub(lambda m: "x" * len(m[0]), text)
    ends = [match.end() for match in _SENTENCE_END.finditer(masked)]
    bounds = [0, *ends, len(text)]
    sentences: list[str] = []
    for part in filter(None, (text[a:b].strip() for a, b in itertools.pairwise(bounds))):
        if sentences and _VERDICT.fullmatch(sentences[-1]):
            sentences[-1] += ("" if sentences[-1][-1] in "。！" else " ") + part
        else:
            sentences.append(part)
    return sentences


def write_ids_plainly(text: str) -> str:
    """`【1】`, `[^1]` and `[1, 2]` become `[1]` and `[1][2]`, outside of code."""
    return _outside_code(
        text, lambda part: _IDS.sub(lambda m: _brackets(map(int, re.findall(r"\d+", m[1]))), part)
    )


def canonical(text: str) -> Sentence | None:
    """The sentence inside the grammar; None when it holds what cannot be brought there."""
    targets: list[str] = []
    written = _outside_code(text, lambda part: _plain(part, targets)).strip()
    if written.count("**") % 2:
        written = written.replace("**", "")
    written = _BLOCK_MARK.sub("", written)
    bare = _CODE.sub(" ", written)
    if _TAG.search(bare) or _ENTITY.search(bare) or "](" in bare or "![" in bare:
        return None
    if text.lstrip().startswith("|") or written.startswith("["):
        return None
    code = tuple(match[2] for match in _CODE.finditer(written))
    return Sentence(written, code, tuple(targets))


def words_of(markdown: str) -> str:
    """What a piece of Markdown says, in one line without marks; no tables and no code."""
    blocks = (block for block in read(visible(markdown)) if isinstance(block, Text))
    sentences = (canonical(item.text) for block in blocks for item in block.items)
    said = (re.sub(r"\*\*|`", "", sentence.text) for sentence in sentences if sentence)
    return " ".join(filter(None, said))


def ids_in(texts: Iterable[str]) -> tuple[int, ...]:
    """In reading order, each once."""
    found = (int(n) for text in texts for n in _ID.findall(_CODE.sub(" ", text)))
    return tuple(dict.fromkeys(found))


def ends_with_ids(text: str) -> bool:
    return _FINAL_IDS.search(text) is not None


def join(sentences: Iterable[str]) -> str:
    """A space between sentences, except after a full-width stop."""
    text = ""
    for sentence in sentences:
        gap = "" if not text or text[-1] in "。！？；：" else " "
        text += gap + sentence
    return text


def with_ids(text: str, ids: tuple[int, ...]) -> str:
    """A lead-in with the ids of what it leads into, before its colon."""
    return f"{text.rstrip(':：* ')} {_brackets(ids)}{':' if text.isascii() else '：'}"


def _brackets(numbers: Iterable[int]) -> str:
    return "".join(f"[{number}]" for number in numbers)


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    done, at = [], 0
    for match in _CODE.finditer(text):
        done += [change(text[at : match.start()]), f"`{match[2].strip()}`"]
        at = match.end()
    return "".join([*done, change(text[at:])])


def _plain(part: str, targets: list[str]) -> str:
    """Without escapes, entities, links, stray brackets and marks; images stay to be refused."""
    part = html.unescape(_ESCAPE.sub(lambda m: m[1] or "", part))
    part = re.sub(r"\s+", " ", visible(part))

    def unlink(match: re.Match[str]) -> str:
        targets.append(match[2])
        return f"[{match[1]}]" if match[1].isdecimal() else match[1]

    if "![" in part and not re.search(r"!\[\d{1,2}\](?!\()", part):
        return "!["
    part = _AUTOLINK.sub(r"\1", _LINK.sub(unlink, part))
    if "](" in part:
        return "]("
    part = _ID.sub(rf"{_OPENED}\1{_CLOSED}", part)
    part = re.sub(r"[\[\]]", "", part).replace(_OPENED, "[").replace(_CLOSED, "]")
    part = _STRAY_MARK.sub("", part.replace("__", "**").replace("![", "! ["))
    return re.sub(r"\*{3,}", "**", part)


def _place(line: str, items: list[Item], blocks: list[Text | Code]) -> None:
    """The line opens an item or a paragraph, or goes on with the one before it."""
    item = _ITEM.match(line)
    if item:
        if items and not items[0].marker:
            blocks.append(_closed(items))
        marker = "-" if not item["marker"][0].isdigit() else f"{int(item['marker'][:-1])}."
        depth = 1 if items and len(item["indent"]) > 1 else 0
        items.append(Item(_CHECKBOX.sub("", item["text"]).strip(), marker, depth))
        return
    text = re.sub(r"^(\s*>)+", "", line)
    if items and items[0].marker and not line[0].isspace():
        blocks.append(_closed(items))
    if items:
        items[-1] = replace(items[-1], text=f"{items[-1].text} {text.strip()}".strip())
    else:
        items.append(Item(text.strip()))


def _closed(items: list[Item]) -> Text:
    text = Text(tuple(items))
    items.clear()
    return text


def _fenced(lines: Iterator[str], fence: str) -> str:
    """What stands up to the closing fence; without one, the rest of the text."""
    inside = itertools.takewhile(
        lambda line: not (line.strip().startswith(fence) and not line.strip().strip(fence[0])),
        lines,
    )
    return textwrap.dedent("\n".join(inside)).strip("\n")
