"""The server process, or several that share one port and one database."""

import asyncio
import errno
import logging
import signal
import socket
import threading
import time
from collections.abc import Callable
from functools import partial
from multiprocessing import parent_process
from types import FrameType

import uvicorn
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import HANDLED_SIGNALS
from uvicorn.supervisors import Multiprocess

from bot.app import announce_leaving, create_app
from bot.bootstrap import build, build_staff, open_store, seal_secrets
from bot.domain.errors import ConfigurationError
from bot.settings import Settings
from ingest.embedding import heap

GRACE_S = 20
NOTICE_S = 1.0  # in which a leaving server still answers and says that it is not ready
STALLED_S = 30.0  # a reader who does not take what was written for so long is cut off
LEAST_BYTES = 64 * 1024  # that have to be taken of more in that time
BACKLOG = 2048
SEND_BUFFER_BYTES = 64 * 1024  # of the kernel for each reader, which holds megabytes otherwise
HEAPS = 2  # of all threads: each further one kept some 5 MB, and none made a turn faster

log = logging.getLogger(__name__)


class Application:
    """The web application of one worker process, made when its event loop runs."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._app: FastAPI | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._app is None:  # the server's first call, before it serves
            self._app = await build_app(self._settings)
            on_leaving(partial(announce_leaving, self._app))
        await self._app(scope, receive, send)


def on_leaving(act: Callable[[], None], notice_s: float = NOTICE_S) -> None:
    """At the first signal: `act` in the event loop, then the server's own end, which waits for its
    readers. A second one ends the process at once; what was accepted is in the store.

    In front of the server's own handlers, which stay: the server takes its handlers back itself.
    """
    loop = asyncio.get_running_loop()
    handlers = {int(number): signal.getsignal(number) for number in HANDLED_SIGNALS}
    is_left = threading.Event()

    def leave(number: int, _: FrameType | None) -> None:
        if not is_left.is_set():
            is_left.set()
            loop.call_soon_threadsafe(announce, number)
        elif parent_process() is None:  # a worker leaves that to its parent, who signals it too
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)

    def announce(number: int) -> None:
        act()
        handler = handlers[number]
        if callable(handler):
            loop.call_later(notice_s, handler, number, None)

    for number in HANDLED_SIGNALS:
        signal.signal(number, leave)


class PatientProtocol(HttpToolsProtocol):
    """A connection whose reader stalls is cut off: no memory and no worker waits for it.

    What the kernel does not take at once counts as written too early, so that the server never
    holds more of a stream than one frame.
    """

    patience_s = STALLED_S
    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=0)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._wait(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        self._stop_waiting()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self, unread_bytes: int) -> None:
        self._patience = self.loop.call_later(self.patience_s, self._lose_patience, unread_bytes)

    def _lose_patience(self, unread_bytes: int) -> None:
        """A large image takes long on a slow line; that is no stall."""
        left_bytes = self.transport.get_write_buffer_size()
        if unread_bytes - left_bytes >= LEAST_BYTES:
            self._wait(left_bytes)
        else:
            self.transport.abort()

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


class Workers(Multiprocess):
    """Processes that share the port; a second signal ends them at once."""

    def handle_signals(self) -> None:
        asked = sum(number in HANDLED_SIGNALS for number in self.signal_queue)
        is_impatient = asked + self.should_exit.is_set() > 1
        super().handle_signals()
        if is_impatient:
            for worker in self.processes:
                worker.process.kill()

    def join_all(self) -> None:
        while any(worker.process.is_alive() for worker in self.processes):
            self.handle_signals()
            time.sleep(0.1)
        super().join_all()


def serve(settings: Settings, host: str, port: int, workers: int) -> None:
    """Until a signal ends it; raises ConfigurationError when the port is taken."""
    web = settings.web.model_copy(update={"host": host, "port": port})
    settings = settings.model_copy(update={"web": web})
    _log_to_stderr()
    asyncio.run(_prepare(settings))
    listener = _listen(host, port)
    address = f"http://{host}:{listener.getsockname()[1]}"
    log.info("Firstline listens on %s; the demo page is %s/demo", address, address)
    config = uvicorn.Config(
        partial(_start_worker, settings),
        factory=True,
        workers=workers,
        http=PatientProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        # Without any named, nobody's word is taken for who asks: not even this machine's.
        proxy_headers=bool(web.trusted_proxies),
        forwarded_allow_ips=list(web.trusted_proxies),
        timeout_graceful_shutdown=GRACE_S,
    )
    if workers == 1:
        uvicorn.Server(config).run([listener])
    else:
        Workers(config, [listener]).run()


async def _prepare(settings: Settings) -> None:
    """What is wrong with the settings or the database is said before anything listens."""
    sealed = await seal_secrets(settings)
    if sealed.why is not None:  # customers are answered all the same, and other agents sign in
        log.error(
            "one-time codes of %d agents cannot be read: %s", len(sealed.unreadable), sealed.why
        )
    build(settings)


def serve_without_port(settings: Settings) -> None:
    """All but the web pages, until a signal ends it; raises ConfigurationError."""
    _log_to_stderr()
    asyncio.run(_run_without_port(settings))


async def _run_without_port(settings: Settings) -> None:
    await _prepare(settings)
    is_left = asyncio.Event()
    for number in HANDLED_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, is_left.set)
    await run_app(await build_app(settings), is_left)


async def run_app(app: FastAPI, is_left: asyncio.Event) -> None:
    """What runs beside requests, without any, until it is left."""
    async with app.router.lifespan_context(app):
        await is_left.wait()


async def build_app(settings: Settings) -> FastAPI:
    heap.share(HEAPS)
    store = await open_store(settings)
    staff = build_staff(store, settings)
    return create_app(build(settings, store=store, staff=staff))


def _start_worker(settings: Settings) -> Application:
    _log_to_stderr()  # a spawned process begins without
    return Application(settings)


def _log_to_stderr() -> None:
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # its addresses hold names


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP: asyncio switches the delay of small packets off only for a socket that says so.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise ConfigurationError(
                f"port {port} is taken; stop what uses it or run: firstline serve --port {port + 1}"
            ) from error
        raise ConfigurationError(f"cannot listen on {host}:{port}: {error.strerror}") from error
    listener.listen(BACKLOG)
    listener.set_inheritable(True)
    return listener
