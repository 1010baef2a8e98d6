"""The server process, or several that share one port and one database."""

import asyncio
import errno
import logging
import socket
from contextlib import suppress
from functools import partial

import uvicorn
from uvicorn.supervisors import Multiprocess

from bot.app import create_app
from bot.bootstrap import build, open_store
from bot.domain.errors import ConfigurationError
from bot.settings import Settings

GRACE_S = 20
BACKLOG = 2048


def serve(settings: Settings, host: str, port: int, workers: int) -> None:
    """Until a signal ends it; raises ConfigurationError when the port is taken."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True
    )
    listener = _listen(host, port)
    address = f"http://{host}:{listener.getsockname()[1]}"
    logging.getLogger(__name__).info("Firstline listens on %s, demo page: %s/demo", address, address)
    if workers == 1:
        run_worker(settings, [listener])
        return
    config = uvicorn.Config("bot.app:create_app", workers=workers)
    Multiprocess(config, target=partial(run_worker, settings), sockets=[listener]).run()


def run_worker(settings: Settings, sockets: list[socket.socket]) -> None:
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(settings, sockets))


async def _serve(settings: Settings, sockets: list[socket.socket]) -> None:
    bot = build(settings, store=await open_store(settings))
    config = uvicorn.Config(
        create_app(bot),
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACE_S,
        server_header=False,
    )
    await uvicorn.Server(config).serve(sockets=sockets)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
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
