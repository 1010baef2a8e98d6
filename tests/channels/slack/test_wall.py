"""Posts in Slack: what goes along with them, what opens them, and the mark of what was sent."""

import pytest

from bot.channels.chat.place import Place
from bot.channels.chat.program import NotHeard, PostGone
from bot.channels.chat.sheet import Paragraph, Sheet
from bot.channels.slack.wall import SlackWall
from bot.domain.outbox import DeskRefused
from tests.channels.slack.workspace import TEAM, TRIAGE, FakeSlack, refused

ROOM = Place(TEAM, TRIAGE)
SHEET = Sheet("T-1: *not* <bold>", (Paragraph((("Words",),)),))


@pytest.fixture
def slack() -> FakeSlack:
    return FakeSlack()


@pytest.fixture
def wall(slack: FakeSlack) -> SlackWall:
    return SlackWall(slack)


async def test_facts_go_along_and_are_read_at_the_top_of_the_thread(wall: SlackWall) -> None:
    reference = await wall.put("card.1", ROOM, SHEET, {"ticket": "t1"})
    below = wall.below(ROOM, reference)
    assert below == Place(TEAM, TRIAGE, reference)
    await wall.put("other", below, SHEET, {"ticket": "t2"})
    assert await wall.facts(below) == {"key": "card.1", "ticket": "t1"}


async def test_what_is_no_post_of_ours_says_nothing_of_itself(
    wall: SlackWall, slack: FakeSlack
) -> None:
    slack.posts.append({"channel": TRIAGE, "ts": "1.1", "text": "Hello"})
    assert await wall.facts(Place(TEAM, TRIAGE, "1.1")) == {}
    assert await wall.facts(Place(TEAM, TRIAGE, "2.2")) == {}


async def test_the_notice_is_data_and_nothing_unfurls(wall: SlackWall, slack: FakeSlack) -> None:
    await wall.put("card.1", ROOM, SHEET)
    (post,) = slack.posts
    assert post["text"] == "T-1: *not* &lt;bold&gt;"
    assert post["unfurl_links"] is post["unfurl_media"] is False
    assert "reply_broadcast" not in post


async def test_what_is_loud_is_seen_in_the_channel(wall: SlackWall, slack: FakeSlack) -> None:
    reference = await wall.put("card.1", ROOM, SHEET)
    await wall.put("late", wall.below(ROOM, reference), Sheet("Late", is_loud=True))
    assert slack.posts[-1]["reply_broadcast"] is True


async def test_what_is_gone_is_said_to_be_gone(wall: SlackWall) -> None:
    with pytest.raises(PostGone):
        await wall.change(ROOM, "1.1", SHEET)
    with pytest.raises(PostGone):
        await wall.put("late", Place(TEAM, TRIAGE, "1.1"), SHEET)


async def test_who_cannot_be_told_does_not_hear_it(wall: SlackWall, slack: FakeSlack) -> None:
    slack.failures = [("chat.postEphemeral", refused("user_not_in_channel"))]
    with pytest.raises(NotHeard):
        await wall.whisper(ROOM, "ULEE", SHEET)


async def test_a_long_notice_is_cut(wall: SlackWall, slack: FakeSlack) -> None:
    await wall.put("card.1", ROOM, Sheet("&" * 4000))
    assert len(slack.posts[0]["text"]) <= 300


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("T1/C7/1.1", "https://app.slack.com/client/T1/C7/thread/C7-1.1"),
        ("T1/D7/1.1", ""),
        ("T1/C7", ""),
        ("T1/C7/1.1/U1", ""),
    ],
)
def test_it_leads_to_a_thread_that_others_can_open(
    wall: SlackWall, address: str, link: str
) -> None:
    assert wall.link(Place.parse(address)) == link


async def test_what_was_sent_has_a_mark(wall: SlackWall, slack: FakeSlack) -> None:
    assert await wall.mark_sent(f"{TEAM}/{TRIAGE}/1772366999.000200")
    assert slack.called("reactions.add") == [
        {"channel": TRIAGE, "timestamp": "1772366999.000200", "name": "white_check_mark"}
    ]
    slack.failures = [("reactions.add", refused("missing_scope"))]
    with pytest.raises(DeskRefused):
        await wall.mark_sent(f"{TEAM}/{TRIAGE}/1.1")
