"""What somebody says in a message, apart from what they paste and quote; and how it looks."""

import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files

from bot.services.language import HAN, clean
from bot.services.spelling import ERASED, normalise, without_quotes

_READ_CHARS = 600  # at the beginning of a message, and as many at its end
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|https?://\S+|\S+@\S+\.\w+", re.DOTALL)
_LOG_WORD = (
    r"(?:[A-Z]\w*(?:Error|Exception)|ERROR|FATAL|WARN(?:ING)?|PANIC|EXCEPTION|TRACE|DEBUG|INFO"
    r"|HTTP/\S+)"
)
_LOG_RUN = re.compile(rf"(?:[A-Z0-9_ \[\]-]+ )?\b{_LOG_WORD}\b[^a-z\n{HAN}?!]*")
_OUTPUT_LINE = re.compile(
    r"^\s*(?:at [\w.$]+\(.*|File \".*|Traceback.*|\d{4}-\d\d-\d\d[ T].*|=>.*|[$>#] .*"
    r"|(?:curl|GET|POST|PUT|DELETE|PATCH|SELECT) \S+"
    rf"|[A-Z0-9_]{{2,}}(?:[ -][A-Z0-9_]+)* ?[\[({{:=][^a-z{HAN}\n]*(?:'[^'\n]*'[^a-z{HAN}\n]*)*)",
    re.MULTILINE,
)
_JSON = re.compile(r"\{[^{}\n]*[:=][^{}\n]*\}")
_NAME = re.compile(r"\b\w*[A-Z0-9]_[A-Z0-9]\w*\b")
_SHORT_QUOTE = 8  # characters: what stands in so short ones is called so, not said by others
_QUOTED = re.compile(rf"[“「『\"]([^”」』\"\n]{{1,{_SHORT_QUOTE}}})[”」』\"]")
_SCARE = re.compile(
    r"(?:\b(?:so|very|such|your|this|really|the)|[太真是够好]|所谓的?|你们的?|这)(?:个|一个)? ?"
    rf"{_QUOTED.pattern}"
    rf"|{_QUOTED.pattern}(?:[.!。！]*\s*$|是(?:指|几)|就是)",
    re.IGNORECASE,
)
_STRETCHED_HAN = re.compile(rf"([{HAN}])\1{{2,}}")
_STRETCHED_WORD = re.compile(r"([A-Za-z])\1{2,}")
_WORD = re.compile(r"[A-Za-z][A-Za-z']*")
_SHOUTED = frozenset(
    tomllib.loads(files("bot.services").joinpath("speech.toml").read_text("utf-8"))["shouted"]
)
_ANGRY_FACES = re.compile("[😡🤬😠😤💢🖕👎💩🤡🔪]")
_SAD_FACES = re.compile("[🙄😑😒😞😩😫😭😢😖😣😓😔🤦🤷🫠😕🙁☹😟😥😪🥲😵🤯🥱😮]")
_GLAD_FACES = re.compile("[😀😃😄😁😊🙂👍🙏❤🎉🥳😍🤣😂✨🙌💯😎🤗💪😉😆😅]")
_LETTER = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Speech:
    """`spoken` is what patterns and the model read: normalised, without pastes and quotations."""

    spoken: str
    form: dict[str, float]  # what can be seen without reading, by name


def hear(text: str) -> Speech:
    ends = text if len(text) <= 2 * _READ_CHARS else f"{text[:_READ_CHARS]}\n{text[-_READ_CHARS:]}"
    own = _without_pastes(clean(ends))
    plain = _QUOTED.sub(r" \1 ", own)
    plain = without_quotes(plain) if _LETTER.search(plain) else plain
    spoken = _STRETCHED_HAN.sub(r"\1\1", normalise(plain)).replace(ERASED, " ").strip()
    return Speech(spoken, _form(own, spoken))


def _without_pastes(text: str) -> str:
    """A message that is a paste and nothing else says nothing."""
    for pattern in (_CODE, _JSON, _OUTPUT_LINE, _LOG_RUN, _NAME):
        text = pattern.sub(" ", text)
    return text


def _form(own: str, spoken: str) -> dict[str, float]:
    words = _WORD.findall(own)
    loud = [word for word in words if len(word) > 1 and word.isupper()]
    shouted = [word for word in loud if word in _SHOUTED]
    size = sum(1 for c in spoken if re.match(rf"[{HAN}]", c)) + 2 * len(_WORD.findall(spoken))
    return {
        "exclaims": min(len(re.findall(r"[!！]", own)), 4) / 4,
        "marks": float(bool(re.search(r"[?？][?？!！]|[!！][?？]|[!！]{2,}", own))),
        "only_marks": float(not _LETTER.search(own) and bool(re.search(r"[?？.。…!！]", own))),
        "trails_off": float(bool(re.search(r"\.{3,}|…|。。", own))),
        "staccato": float(
            len(
                re.findall(rf"(?:^|[.!。！,，] ?)(?:[A-Za-z']+|[{HAN}]{{1,3}})(?=[.!。！,，])", own)
            )
            > 1
        ),
        "shouts": float(bool(shouted) and (len(shouted) > 1 or len(loud) / len(words) > 0.5))
        + 0.5 * bool(shouted),
        "stretched": float(bool(_STRETCHED_HAN.search(own) or _STRETCHED_WORD.search(own))),
        "angry_face": float(bool(_ANGRY_FACES.search(own))),
        "sad_face": float(bool(_SAD_FACES.search(own))),
        "glad_face": float(bool(_GLAD_FACES.search(own))),
        "scare_quote": float(bool(_SCARE.search(own))),
        "asks": float(bool(re.search(r"[?？]", own))),
        "short": float(0 < size <= 6),
        "long": min(size, 80) / 80,
    }
