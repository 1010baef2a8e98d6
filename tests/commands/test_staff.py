"""Agents and the audit log on the server's command line."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[2]
PASSWORD = "correct horse battery"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def firstline(home: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot.cli", *arguments],
        cwd=REPOSITORY,
        env=os.environ | {"FIRSTLINE_HOME": str(home)},
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


def done(home: Path, *arguments: str, stdin: str = "") -> Any:
    run = firstline(home, *arguments, "--json", stdin=stdin)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def refused(home: Path, *arguments: str, stdin: str = "") -> str:
    run = firstline(home, *arguments, stdin=stdin)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.count("\n") == 1
    return run.stderr


def test_agent_is_added_with_an_invitation_and_no_password(home: Path) -> None:
    added = done(home, "agents", "add", "Li@Example.com", "--role", "admin", "--locale", "zh")
    assert added["agent"]["email"] == "li@example.com"
    assert added["agent"]["name"] == "li"
    assert added["invitation"].startswith("/inbox/sign-in#invitation=")
    (row,) = done(home, "agents", "list")
    assert (row["role"], row["locale"], row["has_password"]) == ("admin", "zh", False)
    assert "invitation" not in row
    run = firstline(home, "agents", "add", "wang@example.com")
    assert "/inbox/sign-in#invitation=" in run.stdout


def test_password_comes_from_standard_input_and_stands_nowhere(home: Path) -> None:
    add = ("agents", "add", "li@example.com", "--password-stdin")
    assert done(home, *add, stdin=f"{PASSWORD}\n")["invitation"] is None
    (row,) = done(home, "agents", "list")
    assert row["has_password"]
    database = b"".join(path.read_bytes() for path in home.glob("firstline.db*"))
    assert PASSWORD.encode() not in database
    assert b"$argon2id$" in database


def test_refusals_say_what_to_do(home: Path) -> None:
    assert "name@example.com" in refused(home, "agents", "add", "li")
    add = ("agents", "add", "li@example.com")
    assert "12 to 256" in refused(home, *add, "--password-stdin", stdin="short\n")
    assert "--password-stdin" in refused(home, *add, "--password")
    done(home, *add)
    assert "already" in refused(home, *add)
    assert "agents list" in refused(home, "agents", "disable", "nobody@example.com")


def test_agent_is_disabled_and_reset(home: Path) -> None:
    add = ("agents", "add", "li@example.com", "--password-stdin")
    done(home, *add, stdin=PASSWORD)
    done(home, "agents", "disable", "li@example.com")
    reset = done(home, "agents", "reset-password", "li@example.com", "--codes")
    assert reset["invitation"] is not None
    (row,) = done(home, "agents", "list")
    assert (row["active"], row["has_password"]) == (False, False)
    actions = [row["action"] for row in done(home, "audit", "list")]
    assert actions == ["agent.added", "agent.disable", "agent.reset-codes", "agent.reset-password"]


def test_audit_log_is_verified(home: Path) -> None:
    for name in "ab":
        done(home, "agents", "add", f"{name}@example.com")
    verified = done(home, "audit", "verify")
    assert verified["intact"]
    assert verified["head"].startswith("2:")
    assert [row["seq"] for row in done(home, "audit", "list", "-n", "1")] == [2]
    done(home, "audit", "verify", "--head", verified["head"])
    assert firstline(home, "audit", "verify", "--head", "x").returncode == 2
    with closing(sqlite3.connect(home / "firstline.db")) as connection, connection:
        connection.execute("DROP TRIGGER audit_log_no_update")
        connection.execute("UPDATE audit_log SET actor = 'x' WHERE seq = 1")
    assert "entry 1 was changed" in refused(home, "audit", "verify")
