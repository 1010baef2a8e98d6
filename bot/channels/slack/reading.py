"""What people write in Slack, as plain text: mentions, links and entities as they are read."""

import re
from html import unescape

# <@U123|name>, <#C123|name>, <!here>, <!subteam^S1|@team>, <https://...|label>
_TOKEN = re.compile(r"<([^<>|\s][^<>|]*)(?:\|([^<>]*))?>")
_SPACES = re.compile(r"[ \t]{2,}")


def mentions(text: str) -> list[str]:
    """The users that it names, in their order."""
    return [one[1][1:] for one in _TOKEN.finditer(text) if one[1].startswith("@")]


def plain_text(text: str, bot_user: str | None = None) -> str:
    """Without the mention of the bot."""

    def read(token: re.Match[str]) -> str:
        return _read(token[1], token[2] or "", bot_user)

    written = unescape(_TOKEN.sub(read, text))
    return "\n".join(_SPACES.sub(" ", line).strip() for line in written.splitlines()).strip()


def _read(target: str, label: str, bot_user: str | None) -> str:
    if target.startswith("@"):
        return "" if target[1:] == bot_user else f"@{label or target[1:]}"
    if target.startswith("#"):
        return f"#{label or target[1:]}"
    if target.startswith("!"):
        return label or f"@{target[1:].partition('^')[0]}"
    address = target.removeprefix("mailto:").removeprefix("tel:")
    if not label or label == address or address.endswith(f"//{label}"):
        return address
    return f"{label} ({address})"
