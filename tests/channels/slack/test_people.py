"""Who is one of the workspace's own people."""

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.channels.chat.program import Member
from bot.channels.slack.people import SlackPeople
from tests.channels.slack.workspace import TEAM, FakeSlack


@pytest.fixture
def slack() -> FakeSlack:
    slack = FakeSlack()
    slack.person("ULEE", "Lee", "lee@example.com")
    slack.person("UMEI", "", real_name="Mei Lin")
    slack.person("UORG", "Org", team_id="T2", enterprise_user={"teams": [TEAM]})
    slack.person("UGUEST", "Guest", team_id="T2")
    slack.person("USTRANGER", "Stranger", is_stranger=True)
    slack.person("UBOT", "Machine", is_bot=True)
    slack.person("ULEFT", "Left", deleted=True)
    return slack


@pytest.mark.parametrize(
    ("user", "member"),
    [
        ("ULEE", Member("Lee", "lee@example.com")),
        ("UMEI", Member("Mei Lin")),
        ("UORG", Member("Org")),
        ("UGUEST", None),
        ("USTRANGER", None),
        ("UBOT", None),
        ("ULEFT", None),
        ("UNOBODY", None),
    ],
)
async def test_who_is_a_member(slack: FakeSlack, user: str, member: Member | None) -> None:
    assert await SlackPeople(MemoryStore(), slack).member(TEAM, user) == member


async def test_whose_token_it_is(slack: FakeSlack) -> None:
    assert await SlackPeople(MemoryStore(), slack).own_team() == TEAM
