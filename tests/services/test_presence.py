"""Signs of life: seen at once, gone when they are not repeated."""

from bot.domain.conversation import Author
from bot.services.presence import PRESENT_S, TYPING_S, Presence, Signs


class Clock:
    time = 0.0

    def __call__(self) -> float:
        return self.time


def test_typing_is_seen_until_it_stops() -> None:
    clock, told = Clock(), list[str]()
    presence = Presence(clock)
    presence.observe(told.append)
    presence.type("c", Author.AGENT)
    presence.type("c", Author.AGENT)
    assert presence.signs("c").typing == {Author.AGENT}
    assert presence.signs("other") == Signs()
    assert told == ["c"]
    presence.stop_typing("c", Author.AGENT)
    presence.stop_typing("c", Author.AGENT)
    assert presence.signs("c") == Signs()
    assert told == ["c", "c"]


def test_what_is_not_repeated_passes() -> None:
    clock = Clock()
    presence = Presence(clock)
    presence.type("c", Author.CUSTOMER)
    presence.attend("c", "agent-1")
    clock.time = TYPING_S
    assert presence.signs("c") == Signs(agents=frozenset({"agent-1"}))
    clock.time = PRESENT_S
    assert presence.signs("c") == Signs()


def test_an_agent_leaves() -> None:
    presence = Presence(Clock())
    presence.attend("c", "agent-1")
    presence.leave("c", "agent-1")
    assert presence.signs("c") == Signs()
