"""The server process, or several that share one port and one database."""

import asyncio
import errno
import logging
import signal
import socket
from collections.abc import Callable
from functools import partial
from types import FrameType

import uvicorn
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send
from uvicorn.server import HANDLED_SIGNALS
from uvicorn.supervisors import Multiprocess

from bot.app import create_app, end_streams
from bot.bootstrap import build, open_store
from bot.domain.errors import ConfigurationError
from bot.settings import Settings

GRACE_S = 20
BACKLOG = 2048

log = logging.getLogger(__name__)


class Application:
    """The web application of one worker process, made when its event loop runs."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._app: FastAPI | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._app is None:  # the server's first call, before it serves
            self._app = create_app(build(self._settings, store=await open_store(self._settings)))
            on_leaving(partial(end_streams, self._app))
        await self._app(scope, receive, send)


def on_leaving(act: Callable[[], None]) -> None:
    """Runs `act` in the event loop when a signal ends the server, which then waits for its readers.

    In front of the server's own handlers, which stay: the server takes its handlers back itself.
    """
    loop = asyncio.get_running_loop()
    handlers = {int(number): signal.getsignal(number) for number in HANDLED_SIGNALS}

    def leave(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(act)
        handler = handlers[number]
        if callable(handler):
            handler(number, frame)

    for number in HANDLED_SIGNALS:
        signal.signal(number, leave)


def serve(settings: Settings, host: str, port: int, workers: int) -> None:
    """Until a signal ends it; raises ConfigurationError when the port is taken."""
    _log_to_stderr()
    asyncio.run(_prepare(settings))
    listener = _listen(host, port)
    address = f"http://{host}:{listener.getsockname()[1]}"
    log.info("Firstline listens on %s; the demo page is %s/demo", address, address)
    config = uvicorn.Config(
        partial(_start_worker, settings),
        factory=True,
        workers=workers,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    if workers == 1:
        uvicorn.Server(config).run([listener])
    else:
        Multiprocess(config, [listener]).run()


async def _prepare(settings: Settings) -> None:
    """What is wrong with the settings or the database is said before anything listens."""
    store = await open_store(settings)
    await store.close()
    build(settings)


def _start_worker(settings: Settings) -> Application:
    _log_to_stderr()  # a spawned process begins without
    return Application(settings)


def _log_to_stderr() -> None:
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP: asyncio switches the delay of small packets off only for a socket that says so.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
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
