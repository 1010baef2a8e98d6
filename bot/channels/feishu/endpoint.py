"""Where the long connection is opened, asked each time."""

from dataclasses import dataclass

import httpx

from bot.channels.feishu.calls import App
from bot.channels.feishu.refusals import CONSOLE

CALL = "/callback/ws/endpoint"
ASKING_S = 15.0
PING_S = 120.0  # where Feishu asks for nothing else
BUSY = frozenset({1, 1000040343})  # Feishu's own trouble
TOO_MANY = 1000040350


class ConnectionRefused(Exception):
    """Nothing but a change of the settings, or of the app, helps."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    url: str  # for one connection
    ping_s: float


async def ask_endpoint(app: App) -> Endpoint:
    """Raises ConnectionRefused, and whatever else keeps it from being answered."""
    async with httpx.AsyncClient(timeout=ASKING_S) as http:
        body = {"AppID": app.id, "AppSecret": app.secret}
        answer = await http.post(app.domain + CALL, json=body, headers={"locale": "zh"})
    told = answer.json() if answer.is_success else {}
    code = told.get("code", answer.status_code)
    if code == 0:
        config = told["data"].get("ClientConfig") or {}
        return Endpoint(str(told["data"]["URL"]), float(config.get("PingInterval") or PING_S))
    if code in BUSY or answer.status_code >= 500 or answer.status_code == 429:
        raise ConnectionError(f"Feishu is busy: {code}")
    raise ConnectionRefused(_way_out(code, str(told.get("msg", ""))))


def _way_out(code: int, said: str) -> str:
    if code == TOO_MANY:
        return "Feishu takes no more than 50 connections of an app: end some of its processes"
    return (
        f"Feishu refuses the long connection: {code} {said}; see feishu.app_id, feishu.app_secret "
        f"and feishu.domain, and that the app is enabled in {CONSOLE}; tried again every minute"
    )
