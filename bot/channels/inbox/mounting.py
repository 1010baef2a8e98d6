"""The inbox as a part of the application."""

from fastapi import FastAPI

from bot.channels.inbox import (
    account,
    administration,
    customers,
    dead_letters,
    events,
    live,
    pages,
    queue,
    signs,
    tickets,
    workplace,
)
from bot.channels.inbox.desk import Desk
from bot.channels.inbox.refusals import handle_refusals
from bot.services.staff import Staff

ROUTERS = (
    account.router,
    administration.router,
    pages.router,
    workplace.router,
    queue.router,
    tickets.router,
    signs.router,
    live.router,
    customers.router,
    dead_letters.router,
    events.router,
)


def mount_inbox(app: FastAPI, staff: Staff, desk: Desk) -> None:
    app.state.staff = staff
    app.state.desk = desk
    handle_refusals(app)
    for router in ROUTERS:
        app.include_router(router)
