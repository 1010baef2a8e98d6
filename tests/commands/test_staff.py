"""Agents and the audit log on the server's command line."""

import json
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import firstline

PASSWORD = "correct horse battery"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


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


def tamper(home: Path, *statements: str) -> None:
    with closing(sqlite3.connect(home / "firstline.db")) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def test_head_that_is_kept_elsewhere_shows_that_the_end_was_cut_off(home: Path) -> None:
    for name in "abc":
        done(home, "agents", "add", f"{name}@example.com")
    head = firstline(home, "audit", "head").stdout.strip()
    shown = done(home, "audit", "head")
    assert shown == {"head": head, "seq": 3, "hash": head.partition(":")[2]}
    assert done(home, "audit", "verify")["head"] == head
    # What the owner of the database can do: the log is whole in itself afterwards.
    tamper(
        home,
        "DROP TRIGGER audit_log_no_delete",
        "DROP TRIGGER audit_head_forward",
        "DELETE FROM audit_log WHERE seq = 3",
        "UPDATE audit_head SET seq = 2, hash = (SELECT hash FROM audit_log WHERE seq = 2)",
    )
    assert done(home, "audit", "verify")["intact"]
    assert "entry 3 is missing" in refused(home, "audit", "verify", "--head", head)
    done(home, "agents", "add", "d@example.com")  # another entry 3 does not stand in for it
    assert "entry 3 is not the one of before" in refused(home, "audit", "verify", "--head", head)


SECRET = "JBSWY3DPEHPK3PXP"


def with_app(home: Path, email: str = "li@example.com", secret: str = SECRET) -> None:
    """As versions before kept what an app knows."""
    done(home, "agents", "add", email, "--password-stdin", stdin=PASSWORD)
    tamper(home, f"UPDATE agents SET totp_secret = '{secret}' WHERE email = '{email}'")  # noqa: S608


def secret_of(home: Path, email: str = "li@example.com") -> str | None:
    with closing(sqlite3.connect(home / "firstline.db")) as connection:
        row = connection.execute("SELECT totp_secret FROM agents WHERE email = ?", (email,))
        found: str | None = row.fetchone()[0]
        return found


def test_secrets_of_versions_before_are_encrypted_and_left_nowhere(home: Path) -> None:
    with_app(home)
    assert firstline(home, "db", "upgrade").returncode == 0
    assert (secret_of(home) or "").startswith("fernet:")
    database = b"".join(path.read_bytes() for path in home.glob("firstline.db*"))
    assert SECRET.encode() not in database
    assert stat.S_IMODE((home / "secret.keys").stat().st_mode) == 0o600
    assert done(home, "audit", "list")[-1]["action"] == "totp.resealed"
    before = secret_of(home)
    assert firstline(home, "db", "upgrade").returncode == 0
    assert secret_of(home) == before


def test_no_key_is_made_where_there_is_nothing_to_encrypt(home: Path) -> None:
    done(home, "agents", "add", "li@example.com")
    assert firstline(home, "db", "upgrade").returncode == 0
    assert not (home / "secret.keys").exists()


def test_key_is_rotated(home: Path) -> None:
    with_app(home)
    firstline(home, "db", "upgrade")
    (former,) = (home / "secret.keys").read_text().split()
    before = secret_of(home)
    assert done(home, "agents", "rotate-key") == {"keys": str(home / "secret.keys"), "secrets": 1}
    assert secret_of(home) != before
    assert (home / "secret.keys").read_text().split()[1] == former
    done(home, "agents", "rotate-key")
    assert former not in (home / "secret.keys").read_text()
    assert firstline(home, "db", "upgrade").returncode == 0  # all of them can be read


def test_lost_key_is_told_and_its_agents_start_anew(home: Path) -> None:
    with_app(home)
    firstline(home, "db", "upgrade")
    (home / "secret.keys").unlink()
    for command in (("db", "upgrade"), ("agents", "rotate-key")):
        run = firstline(home, *command)
        assert run.returncode == 1
        assert "firstline agents reset-totp EMAIL" in run.stderr
    assert not (home / "secret.keys").exists()
    (row,) = done(home, "agents", "list")
    assert row["has_codes"]
    assert done(home, "agents", "reset-totp", "li@example.com")["has_codes"] is False
    assert secret_of(home) is None
    assert done(home, "audit", "list")[-1]["action"] == "agent.reset-codes"
    assert firstline(home, "db", "upgrade").returncode == 0


def test_keys_of_the_settings_take_the_place_of_the_file(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_app(home)
    firstline(home, "db", "upgrade")
    in_file = (home / "secret.keys").read_text().strip()
    key = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI="
    monkeypatch.setenv("FIRSTLINE_STORE__KEYS", key)
    assert "put the former key back behind the new one" in firstline(home, "db", "upgrade").stderr
    monkeypatch.setenv("FIRSTLINE_STORE__KEYS", f"{key},{in_file}")
    assert done(home, "agents", "rotate-key") == {"keys": "store.keys", "secrets": 1}
    monkeypatch.setenv("FIRSTLINE_STORE__KEYS", key)
    assert firstline(home, "db", "upgrade").returncode == 0
    monkeypatch.setenv("FIRSTLINE_STORE__KEYS", "too short")
    assert "openssl rand -base64 32" in refused(home, "agents", "list")
