"""Where in a chat program something is said, and how a conversation remembers it."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Place:
    team: str  # whose program it is: a workspace, a tenant, an organisation
    channel: str  # a room, a group or a private chat
    thread: str | None = None  # what tells one talk there from another; None: all of it is one
    user: str | None = None  # who alone sees what is said there

    @property
    def address(self) -> str:
        parts = (self.team, self.channel, self.thread or "", self.user or "")
        return "/".join(parts).rstrip("/")

    @property
    def is_ephemeral(self) -> bool:
        return self.user is not None

    @property
    def is_flat(self) -> bool:
        """One talk follows another here without a thread: all of a private chat, or, as `@user`,
        what one person has with the bot in a group that knows no threads."""
        return self.thread is None or self.thread.startswith("@")

    @property
    def around(self) -> "Place":
        """The channel."""
        return replace(self, thread=None, user=None)

    @classmethod
    def parse(cls, address: str) -> "Place":
        """Raises ValueError for what is no address."""
        team, channel, thread, user, *more = [*address.split("/"), "", "", ""]
        if not team or not channel or any(more):
            raise ValueError(f"{address!r} is no place in a chat program")
        return cls(team, channel, thread or None, user or None)
