"""`firstline mail check` names what is missing and the way out, and never a secret."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from tests.channels.mail_office import SECRET, SUPPORT, TEAM
from tests.mail_server import ImapBox, SmtpSink, imap_server, smtp_sink

PASSWORD = "secret"


@contextmanager
def servers() -> Iterator[tuple[SmtpSink, ImapBox]]:
    """In a loop of their own, as the command runs one itself."""
    sink, box = SmtpSink(), ImapBox(password=PASSWORD)
    loop, stack = asyncio.new_event_loop(), AsyncExitStack()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def begin() -> None:
        await stack.enter_async_context(smtp_sink(sink))
        await stack.enter_async_context(imap_server(box))

    asyncio.run_coroutine_threadsafe(begin(), loop).result()
    try:
        yield sink, box
    finally:
        asyncio.run_coroutine_threadsafe(stack.aclose(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def config(
    folder: Path, mail: dict[str, str], desk: dict[str, str] | None = None, site: str = ""
) -> str:
    path = folder / "firstline.toml"
    lines = ["[web]", f"site = {json.dumps(site)}"]
    lines += ["[mail]", *(f"{name} = {json.dumps(value)}" for name, value in mail.items())]
    if desk:
        lines += ["[desks.mail]", *(f"{name} = {json.dumps(v)}" for name, v in desk.items())]
    path.write_text("\n".join(lines))
    return str(path)


def check(path: str, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["mail", "check", "--config", path, *arguments])
    assert PASSWORD + "x" not in result.output
    return result.exit_code, result.output


def test_without_mail_it_says_where_to_begin(tmp_path: Path) -> None:
    code, output = check(config(tmp_path, {}))
    assert code == 1
    assert "set mail.address, mail.smtp, and mail.imap" in output


def test_what_works_is_said(tmp_path: Path) -> None:
    with servers() as (sink, box):
        path = config(
            tmp_path,
            {
                "address": SUPPORT,
                "smtp": f"smtp+plain://127.0.0.1:{sink.port}",
                "imap": f"imap+plain://127.0.0.1:{box.port}",
                "password": PASSWORD,
                "inbound_secret": SECRET,
                "trusted_host": "mx.example.com",
            },
            {"address": TEAM, "agents": "@firstline.example", "secret": "s" * 32},
            site="https://help.example.com",
        )
        code, output = check(path)
        assert (code, output.count("ok       ")) == (0, len(output.splitlines()))
        code, output = check(path, "--json")
        assert all(not one["way_out"] for one in json.loads(output))


def test_what_is_missing_is_said_with_the_way_out(tmp_path: Path) -> None:
    with servers() as (sink, box):
        mail = {
            "address": SUPPORT,
            "smtp": f"smtp+plain://127.0.0.1:{sink.port}",
            "imap": f"imap+plain://127.0.0.1:{box.port}",
            "password": PASSWORD + "x",
        }
        code, output = check(config(tmp_path, mail, {"address": TEAM, "secret": "s" * 32}))
    assert code == 1
    for way_out in (
        "the user or the password is refused; see mail.imap, mail.user and mail.password",
        "set mail.trusted_host",
        "set web.site",
        "set desks.mail.agents",
    ):
        assert way_out in output


@pytest.mark.parametrize("smtp", ["smtps://127.0.0.1:1", "smtp+plain://no.such.host.invalid"])
def test_a_server_out_of_reach_is_said(tmp_path: Path, smtp: str) -> None:
    code, output = check(config(tmp_path, {"address": SUPPORT, "smtp": smtp}))
    assert code == 1
    assert "see mail.smtp" in output
    assert "set mail.imap, or mail.inbound_secret" in output
