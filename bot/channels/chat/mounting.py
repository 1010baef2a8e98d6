"""What a chat program reaches by HTTP, as it is hung into the application."""

from collections.abc import Callable

from fastapi import FastAPI

Mount = Callable[[FastAPI], None]
