"""Feishu's own package, which is huge: it takes seconds of work to import, so a thread does it."""

import asyncio
import logging
from importlib import import_module
from types import ModuleType


async def load(name: str) -> ModuleType:
    """The package, or a module in it; silent, for it writes to the standard output, and addresses
    with their tickets. Raises ImportError where it is not installed."""
    module = await asyncio.to_thread(import_module, name)
    logging.getLogger("Lark").disabled = True
    return module
