"""A workspace of Slack as far as a part needs one: what was called, and what stands there."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from bot.channels.slack.refusals import SlackRefused
from bot.domain.outbox import DeskUnavailable

TEAM, TRIAGE = "T1", "CTRIAGE"


def refused(code: str) -> SlackRefused:
    return SlackRefused("a method", code)


@dataclass
class FakeSlack:
    """The calls that a channel makes, answered as Slack does."""

    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    posts: list[dict[str, Any]] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    failures: list[tuple[str, Exception]] = field(default_factory=list)
    lost: int | None = None  # the how manieth post it is whose answer gets lost
    is_down: bool = False

    async def call(self, team: str, method: str, /, **arguments: Any) -> Mapping[str, Any]:
        if self.is_down:
            raise DeskUnavailable("down")
        self.calls.append((method, arguments))
        for n, (failing, error) in enumerate(self.failures):
            if failing == method:
                del self.failures[n]
                raise error
        answer: Mapping[str, Any] = getattr(self, method.replace(".", "_"))(**arguments)
        if method == "chat.postMessage" and self.lost == len(self.posts):
            self.lost = None
            raise DeskUnavailable("no answer")
        return answer

    def called(self, method: str) -> list[dict[str, Any]]:
        return [arguments for name, arguments in self.calls if name == method]

    def person(self, user: str, name: str, email: str = "", **more: Any) -> None:
        profile = {"display_name": name, "email": email}
        self.people[user] = {"id": user, "team_id": TEAM, "profile": profile, **more}

    def roots(self, channel: str = TRIAGE) -> list[dict[str, Any]]:
        found = [post for post in self.posts if post["channel"] == channel]
        return [post for post in found if not post.get("thread_ts")]

    def thread(self, ts: str) -> list[dict[str, Any]]:
        """What stands below a post, without it."""
        return [post for post in self.posts if post.get("thread_ts") == ts]

    def delete(self, ts: str) -> None:
        self.posts = [post for post in self.posts if ts not in (post["ts"], post.get("thread_ts"))]

    @contextmanager
    def outage(self) -> Iterator[None]:
        self.is_down = True
        yield
        self.is_down = False

    def chat_postMessage(self, **post: Any) -> Mapping[str, Any]:
        thread = post.get("thread_ts")
        if thread and thread not in {one["ts"] for one in self.posts}:
            raise refused("thread_not_found")
        ts = f"{1_772_366_400 + len(self.calls)}.000100"
        self.posts.append({**post, "ts": ts})
        return {"ok": True, "ts": ts, "channel": post["channel"]}

    def chat_update(self, ts: str, **post: Any) -> Mapping[str, Any]:
        for one in self.posts:
            if one["ts"] == ts:
                one.update(post)
                return {"ok": True, "ts": ts}
        raise refused("message_not_found")

    def chat_postEphemeral(self, **_: Any) -> Mapping[str, Any]:
        return {"ok": True}

    def conversations_history(self, channel: str, oldest: str = "0", **_: Any) -> Mapping[str, Any]:
        found = [post for post in self.roots(channel) if post["ts"] >= oldest]
        return {"ok": True, "messages": found[::-1]}

    def conversations_replies(
        self, channel: str, ts: str, oldest: str = "0", **_: Any
    ) -> Mapping[str, Any]:
        found = [post for post in self.posts if post["channel"] == channel and post["ts"] == ts]
        below = [post for post in self.thread(ts) if post["ts"] >= oldest]
        return {"ok": True, "messages": found + below}

    def conversations_open(self, users: str) -> Mapping[str, Any]:
        return {"ok": True, "channel": {"id": f"D{users}"}}

    def reactions_add(self, **_: Any) -> Mapping[str, Any]:
        return {"ok": True}

    def views_open(self, **_: Any) -> Mapping[str, Any]:
        return {"ok": True}

    def auth_test(self) -> Mapping[str, Any]:
        return {"ok": True, "team_id": TEAM}

    def users_info(self, user: str, include_locale: bool = False) -> Mapping[str, Any]:
        if user not in self.people:
            raise refused("user_not_found")
        return {"ok": True, "user": self.people[user]}
