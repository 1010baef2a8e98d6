"""Where in Slack something is said, and how a conversation remembers it."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Place:
    team: str
    channel: str
    thread: str | None = None  # the `ts` of its first message
    user: str | None = None  # who alone sees what is said there

    @property
    def address(self) -> str:
        parts = (self.team, self.channel, self.thread or "", self.user or "")
        return "/".join(parts).rstrip("/")

    @property
    def is_ephemeral(self) -> bool:
        return self.user is not None

    @property
    def around(self) -> "Place":
        """The channel."""
        return replace(self, thread=None, user=None)

    @property
    def link(self) -> str:
        """Opens it in Slack."""
        base = f"https://app.slack.com/client/{self.team}/{self.channel}"
        return f"{base}/thread/{self.channel}-{self.thread}" if self.thread else base

    @classmethod
    def parse(cls, address: str) -> "Place":
        """Raises ValueError for what is no address."""
        team, channel, thread, user, *more = [*address.split("/"), "", "", ""]
        if not team or not channel or any(more):
            raise ValueError(f"{address!r} is no place in Slack")
        return cls(team, channel, thread or None, user or None)


def message_key(team: str, channel: str, ts: str) -> str:
    """Of a message: whichever event tells of it."""
    return f"{team}/{channel}/{ts}"
