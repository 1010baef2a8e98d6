"""One app in several workspaces: each is answered by its own token, until it removes the app."""

from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from bot.adapters.fernet_seals import FernetSeals, ListedKeys, new_key
from bot.domain.outbox import DeskUnavailable
from bot.sections.slack import Slack
from bot.settings import Settings, Store
from tests.channels.chat.office import QUESTION
from tests.channels.slack.office import SlackOffice, slack_office
from tests.services.test_dialogue import COLUMNS
from tests.slack_server import DIRECT, SIGNING_SECRET, Json, Workspace

SECOND, THIRD = "T2", "T3"


@pytest.fixture
async def office() -> AsyncIterator[SlackOffice]:
    settings = Settings(
        store=Store(keys=SecretStr(new_key())),
        slack=Slack(
            client_id="1.2",
            client_secret=SecretStr("secret"),
            signing_secret=SecretStr(SIGNING_SECRET),
        ),
    )
    async with slack_office(settings) as office:
        for team in (SECOND, THIRD):
            office.slack.add_workspace(Workspace(team, f"xoxb-{team}"))
            office.slack.installs[team] = {
                "ok": True,
                "app_id": "A1",
                "access_token": f"xoxb-{team}",
                "bot_user_id": "UBOT",
                "team": {"id": team, "name": team},
                "authed_user": {"id": "UANN"},
            }
        yield office


async def install(office: SlackOffice, team: str) -> int:
    """As a browser does it."""
    begun = await office.http.get("/slack/install")
    assert begun.status_code == 302
    state = parse_qs(urlsplit(begun.headers["location"]).query)["state"][0]
    cookie = begun.headers["set-cookie"].partition(";")[0]
    done = await office.http.get(
        "/slack/oauth_redirect",
        params={"code": team, "state": state},
        headers={"Cookie": cookie},
    )
    return done.status_code


def answers(office: SlackOffice, team: str) -> list[str]:
    return [str(one) for one in office.slack.posted(DIRECT, team) if COLUMNS in str(one)]


def gone(office: SlackOffice, kind: str, **more: Json) -> Json:
    return office.slack.event({"type": kind, **more}, SECOND)


async def test_each_workspace_is_answered_by_its_own_token(office: SlackOffice) -> None:
    for team in (SECOND, THIRD):
        assert await install(office, team) == 200
    for team in (SECOND, THIRD):
        await office.take(office.slack.say(QUESTION, DIRECT, team=team))
        assert len(answers(office, team)) == 1
    assert {one.token for one in office.slack.calls if one.team == THIRD} == {"xoxb-T3"}


async def test_who_did_not_install_it_is_not_answered(office: SlackOffice) -> None:
    await install(office, SECOND)
    await office.take(office.slack.say(QUESTION, DIRECT, team=THIRD))
    assert answers(office, THIRD) == []
    assert await install(office, "T9") != 200


@pytest.mark.parametrize("kind", ["app_uninstalled", "tokens_revoked"])
async def test_who_removes_it_is_forgotten(office: SlackOffice, kind: str) -> None:
    await install(office, SECOND)
    await office.take(gone(office, "tokens_revoked", tokens={"oauth": ["UANN"]}))
    assert await office.store.installation("slack", SECOND) is not None
    more: Json = {"tokens": {"bot": ["UBOT"]}} if kind == "tokens_revoked" else {}
    await office.take(gone(office, kind, **more))
    assert await office.store.installation("slack", SECOND) is None
    await install(office, SECOND)
    await office.take(office.slack.say(QUESTION, DIRECT, team=SECOND))
    assert len(answers(office, SECOND)) == 1


async def test_a_workspace_whose_token_is_lost_does_not_keep_others_from_being_read_back(
    office: SlackOffice,
) -> None:
    for team in (SECOND, THIRD):
        await install(office, team)
    office.parts.intake.is_caught_up = True
    await office.take(*(office.slack.say(QUESTION, DIRECT, team=team) for team in (SECOND, THIRD)))
    await office.store.save_installation(
        "slack", SECOND, FernetSeals(ListedKeys(new_key(), "a test")).seal("{}")
    )
    office.slack.say(QUESTION, DIRECT, team=THIRD)
    with pytest.raises(DeskUnavailable):
        await office.edge.backfill.read_back()
    await office.work()
    assert len(answers(office, THIRD)) == 2
