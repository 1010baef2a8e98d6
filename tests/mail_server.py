"""Mail servers on ports of their own, which can be told to misbehave."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from bot.domain.mail_server import MailServer, Security
from tests.web import until

HOST = "127.0.0.1"
CLOSE = "close"  # a behaviour instead of an answer: the connection ends
HANG = "hang"


@dataclass
class SmtpSink:
    """Keeps what it takes. `answers` are used up one a mail, then it takes everything.

    An answer is what it says to a step, such as ("RCPT", "550 no such mailbox"). "TAKEN" is said
    after the mail was kept: what follows then is a mail that arrived without a word of it.
    """

    answers: list[tuple[str, str]] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)
    signed_in: list[str] = field(default_factory=list)
    port: int = 0
    password: str | None = None
    behave: Callable[[str], Awaitable[object]] | None = None  # is told each step beforehand

    @property
    def read(self) -> list[Message]:
        return [message_from_bytes(raw) for raw in self.mails]

    @property
    def sent(self) -> list[Message]:
        """With headers decoded and bodies at hand."""
        return [message_from_bytes(raw, policy=default) for raw in self.mails]

    @property
    def ids(self) -> list[str]:
        return [str(one["Message-ID"]).strip("<>") for one in self.read]

    def address(self, security: Security = Security.NONE) -> MailServer:
        return MailServer(HOST, self.port, security)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = await self._answer("RCPT", server)
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        refused = await self._answer("DATA", server)
        if refused is not None:
            return refused
        content = envelope.content
        self.mails.append(content if isinstance(content, bytes) else (content or "").encode())
        return await self._answer("TAKEN", server) or "250 taken"

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return await self._answer("QUIT", server) or "221 bye"

    async def _answer(self, step: str, server: SMTP) -> str | None:
        if self.behave is not None:
            await self.behave(step)
        if not self.answers or self.answers[0][0] != step:
            return None
        _, answer = self.answers.pop(0)
        if answer == CLOSE:
            assert server.transport is not None
            server.transport.abort()
            return "421 gone"
        if answer == HANG:
            await asyncio.sleep(3600)
        return answer

    def authenticate(self, server: Any, session: Any, envelope: Any, how: str, data: Any) -> Any:
        self.signed_in.append(data.login.decode())
        return AuthResult(success=data.password.decode() == self.password, handled=False)


@asynccontextmanager
async def smtp_sink(
    sink: SmtpSink, tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None
) -> AsyncIterator[SmtpSink]:
    """Again on the port it had before, if any."""

    def connected() -> SMTP:
        return SMTP(
            sink,
            hostname="mx.test",
            tls_context=starttls,
            authenticator=sink.authenticate if sink.password is not None else None,
            auth_required=sink.password is not None,
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(connected, HOST, sink.port, ssl=tls)
    sink.port = server.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        server.close()


@dataclass
class ImapBox:
    """One mailbox. `behave` is asked before each command and may answer or break off."""

    mails: dict[int, bytes] = field(default_factory=dict)
    validity: int = 1
    seen: set[int] = field(default_factory=set)
    password: str = "secret"
    can_idle: bool = True
    port: int = 0
    commands: list[str] = field(default_factory=list)
    behave: Callable[[str], Awaitable[str | None]] | None = None
    next_uid: int = 1
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, raw: bytes) -> int:
        uid = self.next_uid
        self.mails[uid] = raw
        self.next_uid += 1
        self.news.set()
        return uid

    def renumber(self) -> None:
        """As after a move of the server: other numbers, under another validity."""
        everything = list(self.mails.values())
        self.validity += 1
        self.mails = {100 + n: raw for n, raw in enumerate(everything)}
        self.next_uid = 100 + len(everything)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._converse(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        while line := (await reader.readline()).decode():
            tag, _, command = line.strip().partition(" ")
            self.commands.append(command.split(" ")[0].upper())
            answer = await self.behave(command) if self.behave is not None else None
            if answer == CLOSE:
                break
            if answer is not None:
                writer.write(f"{tag} {answer}\r\n".encode())
            elif command.upper() == "IDLE":
                await self._idle(tag, reader, writer)
            else:
                writer.write(self._respond(tag, command))
            await writer.drain()
            if command.upper() == "LOGOUT":
                break

    async def _idle(
        self, tag: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(b"+ idling\r\n")
        done = asyncio.ensure_future(reader.readline())
        try:
            await self._tell(done, writer)
        finally:
            done.cancel()
        writer.write(f"{tag} OK done\r\n".encode())

    async def _tell(self, done: "asyncio.Future[bytes]", writer: asyncio.StreamWriter) -> None:
        while not done.done():
            told = asyncio.ensure_future(self.news.wait())
            await asyncio.wait([done, told], return_when=asyncio.FIRST_COMPLETED)
            told.cancel()
            if self.news.is_set():
                self.news.clear()
                writer.write(f"* {len(self.mails)} EXISTS\r\n".encode())

    def _respond(self, tag: str, command: str) -> bytes:
        name, _, rest = command.partition(" ")
        name = name.upper()
        if name == "CAPABILITY":
            extra = " IDLE" if self.can_idle and "LOGIN" in self.commands else ""
            return f"* CAPABILITY IMAP4rev1{extra}\r\n{tag} OK done\r\n".encode()
        if name == "LOGIN":
            good = rest.endswith(f'"{self.password}"')
            return f"{tag} {'OK' if good else 'NO [AUTHENTICATIONFAILED]'} login\r\n".encode()
        if name in ("SELECT", "EXAMINE"):
            return (
                f"* {len(self.mails)} EXISTS\r\n* OK [UIDVALIDITY {self.validity}] ok\r\n"
                f"* OK [UIDNEXT {self.next_uid}] ok\r\n{tag} OK [READ-WRITE] done\r\n"
            ).encode()
        if name == "UID":
            return self._uid(tag, rest)
        if name == "LOGOUT":
            return f"* BYE\r\n{tag} OK\r\n".encode()
        return f"{tag} OK {name}\r\n".encode()

    def _uid(self, tag: str, rest: str) -> bytes:
        name, _, rest = rest.partition(" ")
        if name.upper() == "SEARCH":
            found = re.fullmatch(r"\(?UID (\d+):\*\)?", rest)
            least = int(found[1]) if found else 0
            uids = [uid for uid in self.mails if uid >= least]
            uids = uids or list(self.mails)[-1:]  # as `n:*` always gives the last one
            return f"* SEARCH {' '.join(map(str, uids))}\r\n{tag} OK done\r\n".encode()
        uid = int(rest.split(" ")[0])
        raw = self.mails.get(uid)
        if raw is None:
            return f"{tag} OK nothing\r\n".encode()
        if name.upper() == "STORE":
            self.seen.add(uid)
            return f"{tag} OK stored\r\n".encode()
        if "BODY" not in rest:
            return f"* 1 FETCH (UID {uid} RFC822.SIZE {len(raw)})\r\n{tag} OK done\r\n".encode()
        head = f"* 1 FETCH (UID {uid} BODY[] {{{len(raw)}}}\r\n".encode()
        return head + raw + f")\r\n{tag} OK done\r\n".encode()


@asynccontextmanager
async def imap_server(box: ImapBox, tls: ssl.SSLContext | None = None) -> AsyncIterator[ImapBox]:
    """Again on the port it had before, if any."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        await box.serve(reader, writer)

    server = await asyncio.start_server(serve, HOST, box.port, ssl=tls)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await until(lambda: all(task.done() for task in tasks))


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Of the server, and of a client that believes it."""
    from datetime import UTC, datetime, timedelta
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    at = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    path = folder / "mail.pem"
    encoded = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(encoded + made.public_bytes(serialization.Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cafile=str(path))
