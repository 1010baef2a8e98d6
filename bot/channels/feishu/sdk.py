"""Feishu's own package, which is huge: it takes seconds of work to import, so a thread does it."""

import asyncio
import logging
import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

CLIENT = "lark_oapi.ws.client"


def is_installed() -> bool:
    return find_spec("lark_oapi") is not None


async def load(name: str) -> ModuleType:
    """The package, or a module in it; silent, for it writes to the standard output, and addresses
    with their tickets. Raises ImportError where it is not installed."""
    return await asyncio.to_thread(_load, name)


def _load(name: str) -> ModuleType:
    is_first = CLIENT not in sys.modules
    module = import_module(name)
    logging.getLogger("Lark").disabled = True
    client = sys.modules.get(CLIENT)
    if is_first and client is not None and not client.loop.is_running():
        client.loop.close()  # it makes one for itself, which nobody needs
    return module
