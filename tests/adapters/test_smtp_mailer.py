"""Mail out against a server that misbehaves: later, never, or sent; and what it looks like."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.adapters.smtp_mailer import SmtpMailer
from bot.domain.mail import OutgoingMail
from bot.domain.mail_server import MailServer, Security
from bot.domain.outbox import DeskRefused, DeskUnavailable
from tests.mail_server import CLOSE, HANG, HOST, SmtpSink, certificate, smtp_sink

SUPPORT = "support@firstline.example"
MAIL = OutgoingMail(
    message_id="answer-1@firstline.example",
    to="ann@example.com",
    subject="Re: 导出",
    text="请打开设置。\n",
    html="<p>请打开设置。</p>",
    in_reply_to="question-2@example.com",
    references=("question-1@example.com", "question-2@example.com"),
    automatic=True,
)


@pytest.fixture
async def sink() -> AsyncIterator[SmtpSink]:
    async with smtp_sink(SmtpSink()) as server:
        yield server


def mailer(sink: SmtpSink, timeout_s: float = 5.0) -> SmtpMailer:
    return SmtpMailer(sink.address(), SUPPORT, "客服", timeout_s=timeout_s)


async def test_a_mail_keeps_its_thread_and_says_that_a_machine_wrote_it(sink: SmtpSink) -> None:
    await mailer(sink).send(MAIL)
    (sent,) = sink.read
    assert sent["Message-ID"] == "<answer-1@firstline.example>"
    assert sent["In-Reply-To"] == "<question-2@example.com>"
    assert sent["References"] == "<question-1@example.com> <question-2@example.com>"
    assert sent["Auto-Submitted"] == "auto-replied"
    assert sent["X-Auto-Response-Suppress"] == "All"
    assert sent["To"] == "ann@example.com"
    assert SUPPORT in str(sent["From"])
    assert [part.get_content_type() for part in sent.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


async def test_a_persons_mail_is_no_automatic_one(sink: SmtpSink) -> None:
    await mailer(sink).send(OutgoingMail(message_id="a@b.c", to="ann@x.cn", subject="", text="x"))
    (sent,) = sink.read
    assert sent["Auto-Submitted"] is None
    assert sent["In-Reply-To"] is None


async def test_long_message_ids_stay_whole(sink: SmtpSink) -> None:
    ids = tuple(f"{'x' * 200}.{n}@example.com" for n in range(12))
    await mailer(sink).send(
        OutgoingMail(
            message_id="a@b.c",
            to="a@x.cn",
            subject="s",
            text="t",
            in_reply_to=ids[-1],
            references=ids,
        )
    )
    (sent,) = sink.read
    references = str(sent["References"]).split()
    assert references[0] == f"<{ids[0]}>"
    assert references[-1] == f"<{ids[-1]}>"
    assert set(references) <= {f"<{one}>" for one in ids}
    assert all(len(line) < 998 for line in sink.mails[0].split(b"\r\n"))


async def test_a_long_subject_is_written_as_every_program_reads_it(sink: SmtpSink) -> None:
    subject = "Re: " + "看板最多可以有几列？" * 25
    await mailer(sink).send(OutgoingMail(message_id="a@b.c", to="a@x.cn", subject=subject, text=""))
    (sent,) = sink.sent
    assert sent["Subject"] == subject
    words = re.findall(rb"=\?[^ \r]+\?=", sink.mails[0])
    assert max(map(len, words)) <= 75  # RFC 2047


async def test_nothing_in_a_subject_becomes_a_header(sink: SmtpSink) -> None:
    await mailer(sink).send(
        OutgoingMail(message_id="a@b.c", to="a@x.cn", subject="x\r\nBcc: eve@x.cn", text="t")
    )
    (sent,) = sink.read
    assert sent["Bcc"] is None
    assert sent["Subject"] == "x Bcc: eve@x.cn"


LATER = [
    ("RCPT", "451 greylisted"),
    ("RCPT", "421 too busy"),
    ("RCPT", CLOSE),
    ("DATA", "452 no space"),
    ("DATA", CLOSE),
    ("TAKEN", CLOSE),
    ("TAKEN", "451 local error"),
]
NEVER = [
    ("RCPT", "550 no such mailbox"),
    ("RCPT", "553 not so"),
    ("DATA", "554 looks like spam"),
    ("DATA", "552 too large"),
]


@pytest.mark.parametrize("answer", LATER, ids=[" ".join(one) for one in LATER])
async def test_what_is_refused_for_now_is_tried_again(
    sink: SmtpSink, answer: tuple[str, str]
) -> None:
    sink.answers = [answer]
    with pytest.raises(DeskUnavailable) as refused:
        await mailer(sink).send(MAIL)
    assert "ann@example.com" not in str(refused.value)
    await mailer(sink).send(MAIL)
    assert set(sink.ids) == {MAIL.message_id}  # twice at most, and known as the same


async def test_a_server_that_takes_nothing_from_us_may_do_so_later() -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"554 we know you not\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(greet, HOST, 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(DeskUnavailable):
            await SmtpMailer(MailServer(HOST, port, Security.NONE), SUPPORT).send(MAIL)


@pytest.mark.parametrize("answer", NEVER, ids=[" ".join(one) for one in NEVER])
async def test_what_is_refused_for_good_is_given_up(
    sink: SmtpSink, answer: tuple[str, str]
) -> None:
    sink.answers = [answer]
    with pytest.raises(DeskRefused):
        await mailer(sink).send(MAIL)
    assert sink.mails == []


async def test_a_server_that_hangs_is_left() -> None:
    async with smtp_sink(SmtpSink(answers=[("DATA", HANG)])) as sink:
        with pytest.raises(DeskUnavailable):
            await mailer(sink, timeout_s=0.2).send(MAIL)


@pytest.mark.parametrize("answer", [HANG, CLOSE, "421 gone"])
async def test_what_was_taken_is_taken_whatever_follows(sink: SmtpSink, answer: str) -> None:
    sink.answers = [("QUIT", answer)]
    await mailer(sink).send(MAIL)
    assert sink.ids == [MAIL.message_id]


async def test_what_may_have_been_taken_is_told(
    sink: SmtpSink, caplog: pytest.LogCaptureFixture
) -> None:
    sink.answers = [("RCPT", CLOSE), ("TAKEN", CLOSE)]
    for ends in (0, 1):
        with pytest.raises(DeskUnavailable):
            await mailer(sink).send(MAIL)
        assert len(sink.mails) == ends
        assert caplog.text.count(f"may arrive twice: message-id={MAIL.message_id}") == ends


async def test_a_server_that_is_not_there_is_tried_again() -> None:
    async with smtp_sink(SmtpSink()) as gone:
        server = gone.address()
    with pytest.raises(DeskUnavailable):
        await SmtpMailer(server, SUPPORT).send(MAIL)
    with pytest.raises(DeskUnavailable):
        await SmtpMailer(MailServer("no.such.host.invalid", 25, Security.NONE), SUPPORT).send(MAIL)


async def test_a_wrong_password_loses_no_mail_and_is_told_to_nobody(tmp_path: Path) -> None:
    server, client = certificate(tmp_path)
    async with smtp_sink(SmtpSink(password="right"), starttls=server) as sink:
        address = sink.address(Security.STARTTLS)
        wrong = SmtpMailer(address, SUPPORT, user="u", password="wr0ng-secret", tls=client)
        for attempt in (wrong.send(MAIL), wrong.check()):
            with pytest.raises(DeskUnavailable) as refused:
                await attempt
            assert "535" in str(refused.value)
            assert "wr0ng-secret" not in str(refused.value)
        right = SmtpMailer(address, SUPPORT, user="u", password="right", tls=client)
        await right.check()
        await right.send(MAIL)
        assert set(sink.signed_in) == {"u"}
        assert sink.ids == [MAIL.message_id]


async def test_an_address_that_smtp_cannot_carry_is_refused(sink: SmtpSink) -> None:
    with pytest.raises(DeskRefused):
        await mailer(sink).send(
            OutgoingMail(message_id="a@b.c", to="周@例.cn", subject="", text="")
        )
    assert sink.mails == []


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
async def test_over_tls_only_a_known_certificate_is_believed(
    tmp_path: Path, security: Security
) -> None:
    server, client = certificate(tmp_path)
    tls, starttls = (server, None) if security is Security.TLS else (None, server)
    async with smtp_sink(SmtpSink(), tls, starttls) as sink:
        await SmtpMailer(sink.address(security), SUPPORT, tls=client).send(MAIL)
        with pytest.raises(DeskUnavailable):
            await SmtpMailer(sink.address(security), SUPPORT).send(MAIL)
        assert len(sink.mails) == 1


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
async def test_where_tls_is_asked_for_nothing_leaves_without_it(
    sink: SmtpSink, security: Security
) -> None:
    with pytest.raises((DeskUnavailable, DeskRefused)):
        await SmtpMailer(sink.address(security), SUPPORT, timeout_s=1.0).send(MAIL)
    assert sink.mails == []
    assert sink.port > 0
    assert sink.address().host == HOST
