"""The widget's script: its ES modules joined into one, without their comments and line breaks.

One request, one version, and fewer bytes than the modules would take each for itself. They share a
scope then, so no two of them may give one name to different things.
"""

import re
from collections import Counter
from pathlib import Path

_IMPORT = re.compile(r'^import (?:[^"]*? from )?"(?P<path>\.\.?/[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=\w)", re.MULTILINE)
_COMMENT = re.compile(r"^\s*//.*$|\s+// [^'\"`\n]*$", re.MULTILINE)
_SPACE = re.compile(r"(?<=[(,;[{])\n\s*|(?<=\n)\s+")  # where no line has to end, and indentation
_NAME = re.compile(
    r"^(?:export )?(?:async )?(?:function\*?|class|const|let) (?P<name>\w+)", re.MULTILINE
)


def join_modules(entry: Path) -> str:
    """The module behind everything it imports, with its own exports; raises ValueError when two
    share a name."""
    sources: dict[Path, str] = {}
    _collect(entry, sources)
    names = Counter(name for source in sources.values() for name in _NAME.findall(source))
    shared = sorted(name for name, count in names.items() if count > 1)
    if shared:
        raise ValueError(f"names given twice: {', '.join(shared)}")
    *needed, last = (_IMPORT.sub("", source) for source in sources.values())
    inner = [_EXPORT.sub("", source) for source in needed]
    return "\n".join(map(_compact, [*inner, last]))


def _collect(module: Path, sources: dict[Path, str], above: tuple[Path, ...] = ()) -> None:
    """Depth first, so that a module stands behind what it needs."""
    if module in above:
        raise ValueError(f"{module.name} imports itself, by way of {above[-1].name}")
    if module in sources:
        return
    source = module.read_text("utf-8")
    for found in _IMPORT.finditer(source):
        _collect((module.parent / found["path"]).resolve(), sources, (*above, module))
    sources[module] = source


def _compact(source: str) -> str:
    return _SPACE.sub("", _COMMENT.sub("", source)).strip()
