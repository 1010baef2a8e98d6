"""Who works with the inbox, and what they did: `firstline agents` and `firstline audit`."""

import asyncio
import getpass
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from bot.commands.options import ConfigOption, JsonOption, print_json
from bot.domain.agent import Agent, AgentError, Role, normal_email
from bot.domain.audit import START, AuditEntry, AuditHead
from bot.domain.conversation import Locale
from bot.domain.errors import BotError, ConfigurationError
from bot.settings import Settings, load_settings

if TYPE_CHECKING:
    from bot.services.agent_administration import Deed, Invited, Member
    from bot.services.staff import Staff

Result = TypeVar("Result")

agents_app = typer.Typer(no_args_is_help=True, help="Who works with the inbox.")
audit_app = typer.Typer(no_args_is_help=True, help="What agents and operators did.")

EmailArgument = Annotated[str, typer.Argument(metavar="EMAIL")]
AskOption = Annotated[bool, typer.Option("--password", help="Ask for a password here.")]
StdinOption = Annotated[
    bool, typer.Option("--password-stdin", help="Read a password from standard input.")
]


@agents_app.command("add")
def add_agent(
    email: EmailArgument,
    name: Annotated[str | None, typer.Option(help="As customers see it.")] = None,
    role: Annotated[Role, typer.Option(help="Admins also manage agents.")] = Role.AGENT,
    team: Annotated[str | None, typer.Option(help="Whose queue is theirs.")] = None,
    locale: Annotated[Locale | None, typer.Option(help="Language of the inbox.")] = None,
    ask: AskOption = False,
    from_stdin: StdinOption = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add an agent: prints an invitation to set a password, unless one is given."""
    settings = load_settings(config)
    address = normal_email(email)
    agent = Agent(
        address,
        (name or "").strip() or address.partition("@")[0],
        role=role,
        team=team,
        locale=locale or settings.locale,
    )
    password = _read_password(ask, from_stdin)
    invited = _with_staff(settings, lambda staff: staff.administration.add(agent, password))
    _print_invited(invited, settings, as_json)


@agents_app.command("list")
def list_agents(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """All agents, by name."""
    members = _with_staff(load_settings(config), lambda staff: staff.administration.members())
    rows = [_facts(member) for member in members]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        state = "active" if row["active"] else "disabled"
        state = state if row["has_password"] else f"{state}, invited"
        codes = ", one-time codes" if row["has_codes"] else ""
        team = f", team {row['team']}" if row["team"] else ""
        print(f"{row['email']}  {row['name']}  {row['role']}{team}  {state}{codes}")


@agents_app.command("disable")
def disable_agent(
    email: EmailArgument, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """End all sessions of an agent, and let nobody sign in as them."""
    from bot.services.agent_administration import Deed

    _do(load_settings(config), email, Deed.DISABLE)
    if as_json:
        print_json({"email": email, "active": False})
        return
    print(f"{email} is disabled")


@agents_app.command("reset-password")
def reset_password(
    email: EmailArgument,
    codes: Annotated[
        bool, typer.Option("--codes", help="Also forget the authenticator app.")
    ] = False,
    ask: AskOption = False,
    from_stdin: StdinOption = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take an agent's password away: prints an invitation to set another, unless one is given."""
    from bot.services.agent_administration import Deed

    settings = load_settings(config)
    password = _read_password(ask, from_stdin)
    if codes:
        _do(settings, email, Deed.RESET_CODES)
    _print_invited(_do(settings, email, Deed.RESET_PASSWORD, password), settings, as_json)


@agents_app.command("reset-totp")
def reset_codes(
    email: EmailArgument, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Forget an agent's authenticator app and recovery codes: the password alone signs in again."""
    from bot.services.agent_administration import Deed

    _do(load_settings(config), email, Deed.RESET_CODES)
    if as_json:
        print_json({"email": email, "has_codes": False})
        return
    print(f"{email} signs in with the password alone until two-step sign-in is set up anew")


@agents_app.command("rotate-key")
def rotate_key(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Encrypt the secrets of all authenticator apps by a new key, or the first of store.keys."""
    from bot.adapters.fernet_seals import KeyFile
    from bot.bootstrap import build_keys, seal_secrets

    settings = load_settings(config)
    keys = build_keys(settings)
    # What an older key sealed comes to the one of now first: it stays readable, older ones go.
    sealed = asyncio.run(seal_secrets(settings))
    if sealed.why is None and isinstance(keys, KeyFile):
        keys.rotate()
        sealed = asyncio.run(seal_secrets(settings))
    if sealed.why is not None:
        raise ConfigurationError(f"no key was changed: {sealed.why}")
    if as_json:
        print_json({"keys": keys.place, "secrets": sealed.count})
        return
    print(f"the secrets of {sealed.count} agents are encrypted anew; the keys are in {keys.place}")


@audit_app.command("verify")
def verify_audit_log(
    head: Annotated[
        str | None, typer.Option(metavar="SEQ:HASH", help="Where it ended when last verified.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check the whole chain. Keep the printed end elsewhere and give it the next time."""
    from bot.services.audit import verify_log

    kept = _parse_head(head)

    async def verify(staff: "Staff") -> tuple[AuditHead, str | None]:
        return await staff.audit.head(), await verify_log(staff.audit, kept)

    end, wrong = _with_staff(load_settings(config), verify)
    if as_json:
        print_json({"intact": wrong is None, "reason": wrong, "head": str(end)})
    if wrong is not None:
        raise BotError(f"the audit log is not what was written: {wrong}")
    if not as_json:
        print(f"{end.seq} entries are intact; the log ends at {end}")


@audit_app.command("list")
def list_audit_log(
    limit: Annotated[int, typer.Option("-n", min=1, max=1000, help="The latest so many.")] = 50,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """The latest entries, oldest first."""

    async def read(staff: "Staff") -> list[AuditEntry]:
        end = await staff.audit.head()
        return list(await staff.audit.entries(max(0, end.seq - limit), limit))

    rows = [entry.as_json() for entry in _with_staff(load_settings(config), read)]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        facts = row["details"] or ""
        print(
            f"{row['seq']}  {row['at']}  {row['actor']}  {row['action']}  {row['object']} {facts}"
        )


@audit_app.command("head")
def show_audit_head(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Where the log ends, to be kept elsewhere and given to `verify --head`."""
    end = _with_staff(load_settings(config), lambda staff: staff.audit.head())
    if as_json:
        print_json({"head": str(end), "seq": end.seq, "hash": end.hash})
        return
    print(end)


def _with_staff(settings: Settings, work: Callable[["Staff"], Awaitable[Result]]) -> Result:
    from bot.bootstrap import build_staff, open_store

    async def run() -> Result:
        store = await open_store(settings)
        try:
            return await work(build_staff(store, settings))
        finally:
            await store.close()

    return asyncio.run(run())


def _do(settings: Settings, email: str, deed: "Deed", password: str | None = None) -> "Invited":
    async def do(staff: "Staff") -> "Invited":
        agent = await staff.agents.agent_by_email(normal_email(email))
        member = await staff.administration.member(agent.id) if agent else None
        if member is None:
            raise AgentError(f"there is no agent {email}; run: firstline agents list")
        return await staff.administration.do(member, deed, password=password)

    return _with_staff(settings, do)


def _read_password(ask: bool, from_stdin: bool) -> str | None:
    """Never from an argument, which every user of the machine can see."""
    if ask and from_stdin:
        raise typer.BadParameter("--password or --password-stdin, not both")
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not ask:
        return None
    if not sys.stdin.isatty():
        raise ConfigurationError("there is no terminal to ask on; use --password-stdin")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise AgentError("the two passwords differ")
    return password


def _print_invited(invited: "Invited", settings: Settings, as_json: bool) -> None:
    from bot.channels.inbox.shapes import invited_json

    facts: Mapping[str, Any] = invited_json(invited)
    if as_json:
        print_json(facts)
        return
    print(f"{invited.agent.email} is an agent ({invited.agent.role.value})")
    if invited.token is not None:
        server = f"http://{settings.web.host}:{settings.web.port}"
        print(f"invitation, for one use until {facts['invitation_ends_at']}:")
        print(f"{server}{facts['invitation']}")
        print("(put your own address in place of the server's, if it has one)")


def _facts(member: "Member") -> Mapping[str, Any]:
    from bot.channels.inbox.shapes import member_json

    return member_json(member)


def _parse_head(text: str | None) -> AuditHead:
    if text is None:
        return START
    seq, _, digest = text.partition(":")
    if not seq.isdecimal() or len(digest) != len(START.hash):
        raise typer.BadParameter("as `firstline audit verify` prints it", param_hint="--head")
    return AuditHead(int(seq), digest)
