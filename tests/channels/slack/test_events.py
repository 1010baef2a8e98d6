"""What Slack sends, by the keys under which it is kept: the same again has the same."""

from typing import Any

import pytest

from bot.channels.chat.place import Place
from bot.channels.slack.events import bot_user_of, kind_of, place_of, read_event, team_of, user_of
from tests.slack_server import ANN, BOT_ID, BOT_USER, CHANNEL, DIRECT, TEAM, SlackServer


@pytest.fixture
def slack() -> SlackServer:
    return SlackServer()


def test_a_message_has_its_delivery_its_twin_and_its_thread(slack: SlackServer) -> None:
    mention, message = slack.mention("Hello")
    first, second = read_event(mention), read_event(message)
    assert first is not None
    assert second is not None
    ts = message["event"]["ts"]
    assert (first.kind, second.kind) == ("message", "message")
    assert first.key == mention["event_id"] != second.key
    assert first.twin == second.twin == f"{TEAM}/{CHANNEL}/{ts}"
    assert first.group == second.group == f"{TEAM}/{CHANNEL}/{ts}"
    assert first.mark is not None
    assert (first.mark.address, first.mark.seen) == (f"{TEAM}/{CHANNEL}", ts)
    assert bot_user_of(mention) == BOT_USER


def test_replies_edits_and_deletions_follow_their_thread(slack: SlackServer) -> None:
    root = slack.say("One", DIRECT)
    ts = root["event"]["ts"]
    reply = slack.say("Two", DIRECT, thread_ts=ts)
    bodies = [
        root,
        reply,
        slack.edit(reply["event"]["ts"], "Three", DIRECT),
        slack.delete(reply["event"]["ts"], DIRECT),
        slack.delete(ts, DIRECT),
    ]
    events = [read_event(body) for body in bodies]
    assert {event.group for event in events if event} == {f"{TEAM}/{DIRECT}/{ts}"}
    kinds = [event.kind for event in events if event]
    assert kinds == ["message", "message", "edited", "deleted", "deleted"]


@pytest.mark.parametrize(
    "more",
    [{"bot_id": BOT_ID}, {"subtype": "bot_message"}, {"subtype": "channel_join"}, {"user": ""}],
)
def test_what_nobody_wrote_is_nothing(slack: SlackServer, more: dict[str, str]) -> None:
    assert read_event(slack.say("x", DIRECT, **more)) is None


def test_an_edit_of_our_own_words_is_nothing(slack: SlackServer) -> None:
    own = slack.say("x", DIRECT, user=BOT_USER, bot_id=BOT_ID)
    assert read_event(slack.edit(own["event"]["ts"], "y", DIRECT)) is None


def test_an_edit_that_says_the_same_is_nothing(slack: SlackServer) -> None:
    said = slack.say("See https://a.example", DIRECT)
    body = slack.edit(said["event"]["ts"], "See <https://a.example>", DIRECT)
    assert read_event(body) is None
    unfolded = slack.edit(said["event"]["ts"], "Otherwise", DIRECT)
    del unfolded["event"]["message"]["edited"]
    assert read_event(unfolded) is None


def interactions(slack: SlackServer) -> list[tuple[str, dict[str, Any]]]:
    ts = slack.say("Hello")["event"]["ts"]
    view = {"callback_id": "reply"}
    return [
        ("click:feedback_up", slack.action("feedback_up", message_ts=ts)),
        ("click:home_more", slack.action("home_more")),
        ("form:reply", slack.submission(view)),
        ("closed:reply", slack.submission(view, kind="view_closed")),
        ("shortcut:ask", slack.shortcut("ask", ts)),
        ("command:/ask", slack.command("/ask", "Why?")),
    ]


def test_each_doing_of_a_person_has_a_key_of_its_own(slack: SlackServer) -> None:
    keys = set()
    for kind, body in interactions(slack) + interactions(slack):
        event, again = read_event(body), read_event(dict(body))
        assert event is not None
        assert again is not None
        assert (event.kind, event.key) == (kind, again.key)
        assert (team_of(body), user_of(body)) == (TEAM, ANN)
        keys.add(event.key)
    assert len(keys) == 12


def test_a_button_follows_the_thread_in_which_it_stands(slack: SlackServer) -> None:
    root = slack.say("Hello")["event"]["ts"]
    below = slack.say("Answer", thread_ts=root)["event"]["ts"]
    body = slack.action("up", message_ts=below)
    event = read_event(body)
    assert event is not None
    assert place_of(body) == Place(TEAM, CHANNEL, root)
    assert event.group == Place(TEAM, CHANNEL, root).address


@pytest.mark.parametrize("body", [{}, {"type": "url_verification"}, {"type": "app_rate_limited"}])
def test_what_is_neither_is_nothing(body: dict[str, str]) -> None:
    assert kind_of(body) is None
    assert read_event(body) is None


@pytest.mark.parametrize(
    "ts", ["", "soon", "1e400", "-1.0", "1772366400", "9" * 5000, None, [], "１.２"]
)
def test_a_message_that_could_not_be_read_back_is_none(slack: SlackServer, ts: object) -> None:
    said = slack.say("How?", DIRECT)
    said["event"]["ts"] = ts
    with pytest.raises(ValueError, match="a message without a time"):
        read_event(said)


def test_what_one_person_commands_does_not_wait_for_another() -> None:
    said = {"command": "/ask", "team_id": "T1", "channel_id": "C1", "trigger_id": "1"}
    ann, bob = (read_event({**said, "user_id": user}) for user in ("UANN", "UBOB"))
    assert ann is not None
    assert bob is not None
    assert ann.group != bob.group


def test_the_secret_that_slack_sends_along_is_not_kept() -> None:
    command = {"command": "/ask", "team_id": "T1", "user_id": "U1", "token": "secret"}
    event = read_event(command)
    assert event is not None
    assert "secret" not in str(event.body)
    inner = {"type": "app_home_opened", "user": "U1"}
    event = read_event({"type": "event_callback", "token": "secret", "event": inner})
    assert event is not None
    assert "secret" not in str(event.body)


def test_slackbot_is_not_answered() -> None:
    inner = {"type": "message", "user": "USLACKBOT", "channel": "C1", "ts": "1.2", "text": "Hi"}
    assert read_event({"type": "event_callback", "team_id": "T1", "event": inner}) is None


def test_in_a_shared_channel_it_is_the_workspace_by_whose_app_it_is_heard(
    slack: SlackServer,
) -> None:
    mention, _ = slack.mention("Hello")
    theirs = {**mention, "team_id": "T9"}
    assert (team_of(theirs), bot_user_of(theirs)) == ("T1", BOT_USER)
    person = {"team_id": "T1", "user_id": "UANN", "is_bot": False}
    assert bot_user_of({**theirs, "authorizations": [person]}) is None
    assert team_of({**theirs, "authorizations": []}) == "T9"
    form = slack.submission({"app_installed_team_id": "T1"}, team="T9")
    assert team_of(form) == "T1"
