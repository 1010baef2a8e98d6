"""What is read from the mails that programs write, and from those that break every rule."""

import pytest

from bot.channels.mail.reading import LARGEST_MAIL, MailUnreadable, read_mail
from tests.channels.mail_samples import SAMPLES, Sample, bounce, html, mail, part, parts


@pytest.mark.parametrize("sample", SAMPLES, ids=[one.name for one in SAMPLES])
def test_a_mail_is_read(sample: Sample) -> None:
    read = read_mail(sample.raw)
    assert (read.automatic is not None) is sample.automatic
    assert read.sender == sample.sender
    if not sample.automatic:
        assert read.meant == sample.text
        assert read.attachments == sample.attachments
    if sample.subject is not None:
        assert read.subject == sample.subject
    assert not [one for one in sample.says_not if one in read.meant]


def test_there_are_forty_samples() -> None:
    assert len(SAMPLES) >= 40


def test_a_bounce_names_the_mail_that_came_back() -> None:
    assert read_mail(bounce("a@b")).bounced == "a@b"
    assert read_mail(bounce("a@b", "delayed")).bounced is None
    assert read_mail(mail("How?")).bounced is None


def test_a_thread_is_told_by_its_headers() -> None:
    headers = {"References": "<a@x>\r\n <b@x>", "In-Reply-To": "<c@x>"}
    read = read_mail(mail("More", headers=headers))
    assert read.references == ("a@x", "b@x", "c@x")
    assert read.message_id == "sample-1@example.com"


def test_a_mail_without_an_id_has_one_of_its_content() -> None:
    raw = mail("How?").replace(b"Message-ID: <sample-1@example.com>\r\n", b"")
    assert read_mail(raw).message_id == read_mail(raw).message_id
    assert read_mail(raw).message_id != read_mail(raw + b"!").message_id


def test_the_answer_goes_where_the_sender_wants_it() -> None:
    assert read_mail(mail("How?")).reply_to == "ann@example.com"
    read = read_mail(mail("How?", headers={"Reply-To": "team@example.com"}))
    assert (read.sender, read.reply_to) == ("ann@example.com", "team@example.com")
    many = read_mail(mail("How?", headers={"Reply-To": "a@example.com, b@example.com"}))
    assert many.reply_to == "ann@example.com"


def test_another_senders_mail_with_the_same_id_is_another_mail() -> None:
    one, two = read_mail(mail("A")), read_mail(mail("B", sender="Eve <eve@example.com>"))
    assert one.message_id == two.message_id
    assert one.key != two.key


PASS = "mx.example.net; dmarc=pass (p=reject) header.from=example.com"


@pytest.mark.parametrize(
    ("result", "trusted", "authentic"),
    [
        (PASS, "mx.example.net", True),
        (PASS, "", None),
        (PASS, "mx.other.net", None),
        ("mx.example.net; dmarc=fail header.from=example.com", "mx.example.net", False),
        ("mx.example.net; dmarc=none; dkim=pass header.d=example.com", "mx.example.net", True),
        ("mx.example.net; dmarc=none; dkim=pass header.d=evil.com", "mx.example.net", None),
        ("mx.example.net; spf=pass smtp.mailfrom=ann@example.com", "mx.example.net", True),
        ("mx.example.net; spf=pass smtp.mailfrom=x@evil.com", "mx.example.net", None),
        ("mx.example.net (dmarc=pass); none", "mx.example.net", None),
        ("evil.com; x=y; mx.example.net; dmarc=pass", "mx.example.net", None),
        (f"{PASS}; dmarc=fail", "mx.example.net", False),
        ("mx.example.net; dmarc=pass header.from=evil.com", "mx.example.net", False),
        ('mx.example.net; dkim=pass header.d="example.com"', "mx.example.net", True),
        # A stranger's words: the name before the @ of who sent the envelope.
        (
            'mx.example.net; spf=pass smtp.mailfrom="; dmarc=pass "@evil.com; dmarc=fail',
            "mx.example.net",
            False,
        ),
        (
            'mx.example.net; spf=pass smtp.mailfrom="; dkim=pass header.d=example.com"@evil.com',
            "mx.example.net",
            None,
        ),
        ("mx.example.net; spf=pass (of a; dmarc=pass (x) b); dmarc=fail", "mx.example.net", False),
        ("mx.example.net; spf=pass (of a(b@evil.com); dmarc=fail", "mx.example.net", False),
        (
            'mx.example.net; spf=pass smtp.mailfrom=a"b@evil.com; dmarc=fail',
            "mx.example.net",
            False,
        ),
        (r"mx.example.net; spf=none (of \); dmarc=pass)", "mx.example.net", None),
    ],
)
def test_only_the_trusted_host_says_who_wrote(
    result: str, trusted: str, authentic: bool | None
) -> None:
    raw = mail("How?", headers={"Authentication-Results": result})
    assert read_mail(raw, trusted).authentic is authentic


def test_of_two_results_of_the_host_the_topmost_counts() -> None:
    below = mail("How?", headers={"Authentication-Results": PASS})
    raw = b"Authentication-Results: mx.example.net; dmarc=fail\r\n" + below
    assert read_mail(raw, "mx.example.net").authentic is False


def nested(depth: int) -> bytes:
    opening = b"".join(
        f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n'.encode()
        for n in range(depth)
    )
    return b"From: ann@example.com\r\n" + opening + b"Content-Type: text/plain\r\n\r\nHow?"


HOSTILE = {
    "long-line": mail("On " + "a " * 200_000),
    "many-lines": mail("\n" * 100_000 + "x"),
    "many-quotes": mail("> " * 50_000),
    "headers-for-ever": mail("From: a\nSent: b\n" * 20_000),
    "wrote-for-ever": mail("On 2026\nwrote\n" * 20_000),
    "spaces": mail(" \t" * 100_000 + "\n" + "　" * 100_000),
    "nested": nested(3000),
    "many-parts": parts("mixed", *(part("text/plain", "x") for _ in range(3000))),
    "part-for-ever": mail("x", headers={"Content-Type": "text/plain" + ";" * 1_000_000}),
    "punycode": mail("a" * 50_000 + "-" + "9" * 300_000).replace(b"utf-8", b"punycode"),
    "deep-html": html("<div>" * 50_000 + "x"),
    "html-entities": html("&#xD800;&#0;&amp;" * 10_000),
    "references": mail("x", headers={"References": "<a@b> " * 50_000}),
    "bad-parameters": mail("x", headers={"Content-Type": "text/plain; charset*0*=x''%ff; a*1*=2"}),
    "bad-encoding": mail("=ZZ=", encoding="quoted-printable"),
    "bad-base64": mail("x", headers={"Content-Transfer-Encoding": "base64"}),
    "lone-surrogate": mail("x").replace(b"Question", b"=?utf-16?B?2AA=?="),
    "nul": mail("a\x00b"),
    "address": mail("x").replace(b"<ann@example.com>", b'<ann@example.com>, "' + b"(" * 5000),
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE.keys())
def test_nothing_hostile_gets_further(raw: bytes) -> None:
    try:
        read = read_mail(raw)
    except MailUnreadable:
        return
    for text in (read.text, read.subject, read.whole_text, *read.attachments):
        text.encode()
        assert "\x00" not in text


@pytest.mark.parametrize(
    "raw", [b"", b"\xff\xfe", b"Subject: x\r\n\r\nHow?", b"From: nobody\r\n\r\nHow?"]
)
def test_what_is_no_mail_is_refused(raw: bytes) -> None:
    with pytest.raises(MailUnreadable):
        read_mail(raw)


@pytest.mark.parametrize(
    "layout",
    [
        f"<table><tr><td>{'x' * 100_000}<td>a</tr>{'<tr><td>a<td>b</tr>' * 10_000}</table>",
        '<div style="padding-left: 9999em">' * 200 + "a<br>" * 20_000,
    ],
)
def test_a_mail_does_not_grow_by_its_layout(layout: str) -> None:
    assert len(read_mail(html(layout)).whole_text) < 2 * len(layout)


def test_a_table_keeps_its_words_apart() -> None:
    read = read_mail(html("<table><tr><th>Plan<th>Price<tr><td>Basic<td>5 €</table>"))
    assert read.text == "Plan Price\nBasic 5 €"


def test_words_that_are_marked_stay_whole() -> None:
    assert read_mail(html("<span>How</span>ever <span>it</span> is")).text == "However it is"


def test_of_two_senders_none_is_believed() -> None:
    with pytest.raises(MailUnreadable):
        read_mail(b"From: boss@example.com\r\n" + mail("How?"))


@pytest.mark.parametrize(
    "raw",
    [
        b"A:\r\n" * 2000 + mail("x"),
        parts("mixed", *(part("text/plain", "x") for _ in range(501))),
        mail("x") + b"\n" * 1_000_001,
        mail("x") + b"\r" * 1_000_001,
    ],
    ids=["headers", "parts", "lines", "other-lines"],
)
def test_a_mail_of_too_many_pieces_is_refused(raw: bytes) -> None:
    with pytest.raises(MailUnreadable):
        read_mail(raw)


def test_a_mail_that_is_too_large_is_refused() -> None:
    with pytest.raises(MailUnreadable):
        read_mail(mail("x") + b"x" * LARGEST_MAIL)
