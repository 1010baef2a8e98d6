"""The inbox as a part of the application."""

from fastapi import FastAPI

from bot.channels.inbox import account, administration, pages
from bot.channels.inbox.refusals import handle_refusals
from bot.services.staff import Staff


def mount_inbox(app: FastAPI, staff: Staff) -> None:
    app.state.staff = staff
    handle_refusals(app)
    for router in (account.router, administration.router, pages.router):
        app.include_router(router)
