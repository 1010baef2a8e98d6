"""Routes of the queue, and of what its page needs besides."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from bot.channels.inbox.access import SignedIn
from bot.channels.inbox.casework_shapes import sight_json
from bot.channels.inbox.desk import DeskOfApp
from bot.domain.conversation import Locale
from bot.ports import Prompts
from bot.services.worklist import View

CANNED = "canned"
TITLE = "_title"
# What the page fills in; a file of prompts would take the names themselves for its own.
BLANKS = {"customer": "{customer}", "agent": "{agent}"}

router = APIRouter(prefix="/inbox/api", include_in_schema=False)


@router.get("/queue")
async def show_queue(
    session: SignedIn,
    desk: DeskOfApp,
    view: View = View.ALL,
    search: Annotated[str, Query(max_length=200)] = "",
) -> dict[str, Any]:
    shape = sight_json(await desk.worklist.look(view, session.agent, search))
    shape["counts"]["live"] = await desk.live.count()
    if session.agent.is_admin:
        dead = (await desk.store.dead_deliveries(), await desk.store.dead_events())
        shape["counts"]["dead"] = sum(map(len, dead))
    return {"view": view.value, **shape}


@router.get("/agents")
async def list_colleagues(_: SignedIn, desk: DeskOfApp) -> dict[str, Any]:
    """Those a ticket can be given to."""
    agents = [agent for agent in await desk.agents.agents() if agent.active]
    return {"agents": [{"id": one.id, "name": one.name, "team": one.team} for one in agents]}


@router.get("/canned")
async def list_canned(_: SignedIn, desk: DeskOfApp, locale: Locale = Locale.EN) -> dict[str, Any]:
    """Replies by situation, with blanks for the customer's and the agent's name."""
    return canned_json(desk.prompts, locale)


def canned_json(prompts: Prompts, locale: Locale) -> dict[str, Any]:
    titles = [name for name in prompts.names(CANNED, locale) if name.endswith(TITLE)]
    replies = [
        {
            "name": title.removesuffix(TITLE),
            "title": prompts.text(CANNED, locale, title),
            "text": prompts.text(CANNED, locale, title.removesuffix(TITLE), **BLANKS),
        }
        for title in titles
    ]
    return {"replies": replies, "somebody": prompts.text(CANNED, locale, "somebody")}
