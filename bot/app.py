"""The web application: the widget's routes, health and figures around one bot."""

import asyncio
import logging
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Protocol

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.middleware import Middleware
from starlette.responses import Response

from bot import __version__
from bot.adapters.prometheus import CONTENT_TYPE, Figures
from bot.channels.desks import mount_desks
from bot.channels.inbox.desk import Desk
from bot.channels.inbox.guard import ForgeryGuard
from bot.channels.inbox.mounting import mount_inbox
from bot.channels.mail import CHANNEL as MAIL
from bot.channels.origins import Origins
from bot.channels.problems import ProblemKind, handle_problems, problem_response
from bot.channels.rates import RateLimits, Rates
from bot.channels.widget import articles, pages
from bot.channels.widget.hand_over import HandOverView, WidgetCourier
from bot.channels.widget.routes import CHANNEL, Widget, mount_widget
from bot.channels.widget.stream import AgentName
from bot.domain.conversation import Locale
from bot.domain.errors import StoreError
from bot.middleware import BodyLimit, RequestFigures, SecurityHeaders, secure
from bot.ports import Courier, IndexStatus, Prompts, Retriever, Storage, Store
from bot.services.casework import Casework
from bot.services.desk_events import DeskEvents
from bot.services.desk_polls import DeskPolls
from bot.services.feedback import FeedbackCollector
from bot.services.handoff import Handoffs
from bot.services.live_conversations import LiveConversations
from bot.services.outbox import Outbox
from bot.services.person_requests import PersonRequests
from bot.services.presence import Presence
from bot.services.profile import Profiles
from bot.services.running_turn import TurnReport
from bot.services.searching import Searcher
from bot.services.sessions import Sessions
from bot.services.sla import ServiceLevels
from bot.services.sla_watch import SlaWatch
from bot.services.staff import Staff
from bot.services.surveys import Surveys
from bot.services.ticket_news import TicketNews
from bot.services.turns import TurnRunner
from bot.wiring.bodies import LARGER_BODIES

if TYPE_CHECKING:
    from bot.channels.chat.mounting import Mount
    from bot.channels.mail.routes import Inbound

log = logging.getLogger(__name__)

CLOSE_TIMEOUT_S = 10.0

router = APIRouter()


class WebSettings(Protocol):
    @property
    def host(self) -> str: ...
    @property
    def origins(self) -> Collection[str]: ...
    @property
    def rate_limit(self) -> int: ...


class SupportSettings(Protocol):
    @property
    def mask(self) -> str: ...


class Settings(Protocol):
    @property
    def locale(self) -> str: ...
    @property
    def web(self) -> WebSettings: ...
    @property
    def support(self) -> SupportSettings: ...


class Reader(Protocol):
    def load(self) -> None:
        """Blocks while it reads what understanding a message needs."""
        ...


class HandOver(Protocol):
    @property
    def handoffs(self) -> Handoffs: ...
    @property
    def casework(self) -> Casework: ...
    @property
    def levels(self) -> ServiceLevels: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def desk_events(self) -> DeskEvents: ...
    @property
    def desk_polls(self) -> DeskPolls: ...
    @property
    def sla_watch(self) -> SlaWatch: ...
    @property
    def presence(self) -> Presence: ...
    @property
    def surveys(self) -> Surveys: ...
    @property
    def profiles(self) -> Profiles: ...
    @property
    def live(self) -> LiveConversations: ...
    @property
    def news(self) -> TicketNews: ...
    @property
    def agent_name(self) -> AgentName: ...


class Watch(Protocol):
    async def run(self) -> None:
        """Until cancelled."""
        ...


class Mail(Protocol):
    @property
    def courier(self) -> Courier: ...
    @property
    def watch(self) -> Watch | None: ...
    @property
    def inbound(self) -> "Inbound | None": ...


class Chat(Protocol):
    @property
    def courier(self) -> Courier: ...
    @property
    def mounts(self) -> "Sequence[Mount]": ...

    async def run(self) -> None:
        """Until cancelled; what comes in."""
        ...

    async def close(self) -> None:
        """Nothing goes out any more."""
        ...


class Bot(Protocol):
    """What the application needs of a bot."""

    @property
    def store(self) -> Storage: ...
    @property
    def retriever(self) -> Retriever: ...
    @property
    def reader(self) -> Reader: ...
    @property
    def searcher(self) -> Searcher: ...
    @property
    def prompts(self) -> Prompts: ...
    @property
    def turns(self) -> TurnRunner: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def person_requests(self) -> PersonRequests: ...
    @property
    def feedback(self) -> FeedbackCollector: ...
    @property
    def hand_over(self) -> HandOver: ...
    @property
    def staff(self) -> Staff: ...
    @property
    def settings(self) -> Settings: ...
    @property
    def mail(self) -> Mail | None: ...
    @property
    def chats(self) -> Mapping[str, Chat]: ...


def create_app(bot: Bot) -> FastAPI:
    figures = Figures(bot.retriever.status)
    app = FastAPI(
        title="Firstline",
        version=__version__,
        lifespan=_lifespan,
        # The documentation pages load scripts from elsewhere, which the policy below forbids.
        docs_url=None,
        redoc_url=None,
        middleware=[
            Middleware(RequestFigures, figures=figures),
            Middleware(SecurityHeaders),
            *_admission(bot.settings.web),
            Middleware(ForgeryGuard),
            Middleware(BodyLimit, larger=LARGER_BODIES),
        ],
    )
    app.state.bot = bot
    app.state.figures = figures
    app.state.leaving = False
    bot.turns.observe(lambda report: _count(figures, report))
    bot.feedback.observe(lambda rating: figures.count_feedback(rating.value))
    handle_problems(app)
    app.add_exception_handler(Exception, _handle_crash)
    app.include_router(router)
    app.include_router(articles.router)
    app.include_router(pages.router)
    widget = _widget(bot)
    mount_widget(app, widget)
    bot.hand_over.outbox.connect(CHANNEL, WidgetCourier(widget.arrivals))
    if bot.mail is not None:
        _connect_mail(app, bot, bot.mail)
    for channel, chat in bot.chats.items():
        _connect_chat(app, bot, channel, chat)
    desk = _desk(bot, widget)
    mount_inbox(app, bot.staff, desk)
    mount_desks(app, bot.hand_over.desk_events, desk.announce)
    bot.hand_over.desk_polls.observe(desk.announce)
    bot.turns.observe(lambda report: desk.hearsay.tell(report.conversation))
    bot.hand_over.surveys.observe(desk.hearsay.tell)
    bot.hand_over.news.observe(widget.arrivals.announce)
    bot.hand_over.news.observe(lambda _: desk.announce())
    return app


def _widget(bot: Bot) -> Widget:
    parts = bot.hand_over
    return Widget(
        store=bot.store,
        turns=bot.turns,
        sessions=bot.sessions,
        person_requests=bot.person_requests,
        feedback=bot.feedback,
        retriever=bot.retriever,
        searcher=bot.searcher,
        hand_over=HandOverView(parts.handoffs, parts.presence, parts.surveys, parts.agent_name),
        prompts=bot.prompts,
        locale=Locale(bot.settings.locale),
    )


def _desk(bot: Bot, widget: Widget) -> Desk:
    """It shares with the widget what wakes event streams: both end when the server leaves."""
    parts = bot.hand_over
    return Desk(
        store=bot.store,
        agents=bot.staff.agents,
        casework=parts.casework,
        live=parts.live,
        profiles=parts.profiles,
        levels=parts.levels,
        presence=parts.presence,
        prompts=bot.prompts,
        arrivals=widget.arrivals,
        masked=bot.settings.support.mask == "all",
    )


def _connect_mail(app: FastAPI, bot: Bot, mail: Mail) -> None:
    bot.hand_over.outbox.connect(MAIL, mail.courier)
    bot.turns.observe(lambda _: bot.hand_over.outbox.nudge())
    if mail.inbound is not None:
        from bot.channels.mail.routes import mount_inbound  # reading mails takes many a library

        mount_inbound(app, mail.inbound)


def _connect_chat(app: FastAPI, bot: Bot, channel: str, chat: Chat) -> None:
    bot.hand_over.outbox.connect(channel, chat.courier)
    bot.turns.observe(lambda _: bot.hand_over.outbox.nudge())
    for mount in chat.mounts:
        mount(app)


def _admission(web: WebSettings) -> Sequence[Middleware]:
    """Who is let in. A refusal for the rate still tells its origin when to come again."""
    origins = Middleware(Origins, allowed=web.origins, host=web.host)
    if not web.rate_limit:
        return [origins]
    return [origins, Middleware(Rates, limits=RateLimits(web.rate_limit))]


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    bot: Bot = app.state.bot
    await bot.retriever.refresh()
    await bot.turns.start()
    if not await bot.hand_over.handoffs.is_staffed():
        log.warning("no agent could answer a customer; run: firstline agents add EMAIL")
    beside = [
        asyncio.create_task(bot.retriever.watch(), name="watch for snapshots"),
        asyncio.create_task(asyncio.to_thread(bot.reader.load), name="load the reader"),
        asyncio.create_task(
            asyncio.to_thread(bot.hand_over.handoffs.load), name="load the packet's models"
        ),
        asyncio.create_task(bot.hand_over.outbox.run(), name="empty the outbox"),
        asyncio.create_task(bot.hand_over.desk_polls.run(), name="ask desks for news"),
        asyncio.create_task(bot.hand_over.sla_watch.run(), name="look after tickets"),
        asyncio.create_task(bot.hand_over.news.run(), name="tell of tickets"),
    ]
    incoming = [
        asyncio.create_task(_work_in(channel, chat), name=f"work in {channel}")
        for channel, chat in bot.chats.items()
    ]
    if bot.mail is not None and bot.mail.watch is not None:
        incoming.append(asyncio.create_task(bot.mail.watch.run(), name="read the mailbox"))
    try:
        yield
    finally:
        await _end(incoming)  # what it brought would begin turns that nobody waits for
        await bot.turns.close(CLOSE_TIMEOUT_S)
        await _end(beside)
        for chat in bot.chats.values():
            await chat.close()
        await bot.store.close()


async def _end(tasks: Collection[asyncio.Task[None]]) -> None:
    """They use the store until they have ended."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=CLOSE_TIMEOUT_S)


async def _work_in(channel: str, chat: Chat) -> None:
    try:
        await chat.run()
    except Exception:
        # The edge of the task: all else is served, and what came in there is in the store.
        log.exception("nothing is worked on in %s until the next start", channel)


def announce_leaving(app: FastAPI) -> None:
    """For a server that is about to leave: readers reconnect elsewhere and miss nothing."""
    app.state.leaving = True
    widget: Widget = app.state.widget
    widget.arrivals.close()


def _count(figures: Figures, report: TurnReport) -> None:
    figures.count_turn(report.decision or "failed", report.seconds, report.stage_s)


async def _handle_crash(_: Request, __: Exception) -> Response:
    # The one response that is made outside of the middleware.
    response = problem_response(ProblemKind.INTERNAL_ERROR)
    secure(response.headers)
    return response


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz")
async def check_health() -> dict[str, str]:
    return {"status": "ok"}


@router.head("/readyz", include_in_schema=False)
@router.get("/readyz")
async def check_readiness(request: Request) -> Response:
    bot: Bot = request.app.state.bot
    store, index = await _check_store(bot.store), _check_index(bot.retriever.status())
    status = "ready" if store["ok"] and index["ok"] else "unavailable"
    if request.app.state.leaving:
        status = "leaving"
    return JSONResponse(
        {"status": status, "checks": {"store": store, "index": index}},
        status_code=200 if status == "ready" else 503,
    )


async def _check_store(store: Store) -> dict[str, Any]:
    try:
        await store.check_writable()
    except StoreError as error:
        return {"ok": False, "reason": str(error)}
    return {"ok": True}


def _check_index(status: IndexStatus) -> dict[str, Any]:
    """An older snapshot in place of a refused one still answers, so it is ready; it says so."""
    check: dict[str, Any] = {"ok": status.snapshot is not None, "snapshot": status.snapshot}
    if status.refused is not None:
        check["refused"] = {"reason": status.refused}
    if status.snapshot is None:
        check["reason"] = "no index; run: firstline ingest KB_DIR"
    return check


@router.get("/metrics")
async def show_figures(request: Request) -> Response:
    figures: Figures = request.app.state.figures
    return Response(figures.exposition(), headers={"Content-Type": CONTENT_TYPE})
