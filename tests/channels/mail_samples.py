"""Mails as programs write them: what their sender wrote now, and whether a machine sent them.

All of them are made up for these tests.
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.header import Header
from quopri import encodestring

ANN = "Ann Lee <ann@example.com>"
ZHOU = "周敏 <zhou@example.cn>"
SUPPORT = "support@firstline.example"
BOUNDARY = "b0undary"


@dataclass(frozen=True)
class Sample:
    name: str
    raw: bytes
    text: str = ""  # of a person's mail
    automatic: bool = False
    sender: str = "ann@example.com"
    subject: str | None = None
    attachments: tuple[str, ...] = ()
    says_not: tuple[str, ...] = field(default=())  # of what is quoted


def mail(
    body: str,
    subject: str = "Question",
    sender: str = ANN,
    charset: str = "utf-8",
    encoding: str = "8bit",
    kind: str = "text/plain",
    headers: Mapping[str, str] | None = None,
) -> bytes:
    head = {
        "From": _encoded(sender),
        "To": SUPPORT,
        "Subject": _encoded(subject, charset),
        "Message-ID": "<sample-1@example.com>",
        "Date": "Sun, 01 Mar 2026 12:00:00 +0800",
        "MIME-Version": "1.0",
        "Content-Type": f"{kind}; charset={charset}",
        "Content-Transfer-Encoding": encoding,
        **(headers or {}),
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    content = body.replace("\n", "\r\n").encode(_codec(charset))
    if encoding == "base64":
        content = b64encode(content)
    elif encoding == "quoted-printable":
        content = encodestring(content)
    return lines.encode() + b"\r\n" + content


def parts(kind: str, *contents: bytes, subject: str = "Question", sender: str = ANN) -> bytes:
    """A mail of several parts, each with its own headers."""
    body = b"".join(b"--" + BOUNDARY.encode() + b"\r\n" + one + b"\r\n" for one in contents)
    head = mail(
        "", subject, sender, headers={"Content-Type": f'multipart/{kind}; boundary="{BOUNDARY}"'}
    )
    return head + body + b"--" + BOUNDARY.encode() + b"--\r\n"


def part(content_type: str, body: str, *headers: str, charset: str = "utf-8") -> bytes:
    lines = "".join(f"{one}\r\n" for one in (f"Content-Type: {content_type}", *headers))
    return lines.encode() + b"\r\n" + body.replace("\n", "\r\n").encode(_codec(charset))


def html(body: str, subject: str = "Question", sender: str = ANN) -> bytes:
    return mail(f"<html><body>{body}</body></html>", subject, sender, kind="text/html")


def _codec(charset: str) -> str:
    return {"gb2312": "gb18030", "big5": "cp950"}.get(charset.lower(), charset)


def _encoded(text: str, charset: str = "utf-8") -> str:
    if text.isascii():
        return text
    name, found, address = text.partition(" <")
    encoded = Header(name, _codec(charset), maxlinelen=900).encode()
    return f"{encoded}{found}{address}"


QUOTED_EN = "Open Settings and choose Teams [1]."
QUOTED_ZH = "请打开设置，选择团队。"
REPLY_EN = "That did not work. Where do I find the export of a whole project?"
REPLY_ZH = "还是不行，请问在哪里导出整个项目？"
NOT_EN = (QUOTED_EN, "support@firstline.example")
NOT_ZH = (QUOTED_ZH, "support@firstline.example")


def quoted_replies() -> Iterator[Sample]:
    yield Sample(
        "gmail-en",
        mail(
            f"{REPLY_EN}\n\nOn Sun, Mar 1, 2026 at 3:00 PM Support <support@firstline.example>\n"
            f"wrote:\n\n> {QUOTED_EN}\n>\n> Sources:\n"
        ),
        REPLY_EN,
        says_not=NOT_EN,
    )
    yield Sample(
        "gmail-zh",
        mail(
            f"{REPLY_ZH}\n\nSupport <support@firstline.example> 于2026年3月1日周日 15:00写道：\n\n"
            f"> {QUOTED_ZH}\n",
            sender=ZHOU,
        ),
        REPLY_ZH,
        sender="zhou@example.cn",
        says_not=NOT_ZH,
    )
    yield Sample(
        "outlook-en",
        mail(
            f"{REPLY_EN}\n\n________________________________\n"
            "From: Support <support@firstline.example>\n"
            f"Sent: Sunday, March 1, 2026 3:00 PM\nTo: Ann Lee <ann@example.com>\n"
            f"Subject: Re: Question\n\n{QUOTED_EN}\n"
        ),
        REPLY_EN,
        says_not=NOT_EN,
    )
    yield Sample(
        "outlook-zh",
        mail(
            f"{REPLY_ZH}\n\n________________________________\n"
            "发件人: Support <support@firstline.example>\n发送时间: 2026年3月1日 15:00\n"
            f"收件人: 周敏 <zhou@example.cn>\n主题: 回复: 导出\n\n{QUOTED_ZH}\n",
            sender=ZHOU,
        ),
        REPLY_ZH,
        sender="zhou@example.cn",
        says_not=NOT_ZH,
    )
    yield Sample(
        "apple-en",
        mail(
            f"{REPLY_EN}\n\nSent from my iPhone\n\n> On Mar 1, 2026, at 3:00 PM, Support "
            f"<support@firstline.example> wrote:\n> \n> \ufeff{QUOTED_EN}\n"
        ),
        REPLY_EN,
        says_not=(*NOT_EN, "iPhone"),
    )
    yield Sample(
        "apple-zh",
        mail(
            f"{REPLY_ZH}\n\n发自我的 iPhone\n\n> 在 2026年3月1日，下午3:00，Support "
            f"<support@firstline.example> 写道：\n> \n> {QUOTED_ZH}\n",
            sender=ZHOU,
        ),
        REPLY_ZH,
        sender="zhou@example.cn",
        says_not=(*NOT_ZH, "iPhone"),
    )
    yield Sample(
        "foxmail-zh",
        mail(
            f"{REPLY_ZH}\n\n\n\n周敏\n \n发件人： Support\n发送时间： 2026-03-01 15:00\n"
            f"收件人： 周敏\n主题： Re: 导出\n{QUOTED_ZH}\n",
            sender=ZHOU,
        ),
        f"{REPLY_ZH}\n\n周敏",
        sender="zhou@example.cn",
        says_not=NOT_ZH,
    )
    yield Sample(
        "qq-zh",
        mail(
            f"{REPLY_ZH}\n\n\n------------------&nbsp;原始邮件&nbsp;------------------\n".replace(
                "&nbsp;", "\u00a0"
            )
            + '发件人: "Support" <support@firstline.example>;\n发送时间: 2026年3月1日(星期天) '
            f'下午3:00\n收件人: "周敏"<zhou@example.cn>;\n主题: 回复：导出\n\n{QUOTED_ZH}\n',
            sender=ZHOU,
            charset="gb18030",
            encoding="base64",
        ),
        REPLY_ZH,
        sender="zhou@example.cn",
        says_not=NOT_ZH,
    )
    yield Sample(
        "163-zh",
        mail(
            f'{REPLY_ZH}\n\n\n\n\n\n\n\n\n\n在 2026-03-01 15:00:00，"Support" '
            f"<support@firstline.example> 写道：\n\n{QUOTED_ZH}\n",
            sender=ZHOU,
            charset="gbk",
            encoding="base64",
        ),
        REPLY_ZH,
        sender="zhou@example.cn",
        says_not=NOT_ZH,
    )
    yield Sample(
        "163-app",
        mail(
            f"{REPLY_ZH}\n\n\n| |\n周敏\n|\n---- 回复的原邮件 ----\n| 发件人 | "
            f"Support<support@firstline.example> |\n| 日期 | 2026年03月01日 15:00 |\n{QUOTED_ZH}",
            sender=ZHOU,
        ),
        f"{REPLY_ZH}\n\n| |\n周敏\n|",
        sender="zhou@example.cn",
        says_not=NOT_ZH,
    )
    yield Sample(
        "163-en",
        mail(
            f'{REPLY_EN}\n\nAt 2026-03-01 15:00:00, "Support" <support@firstline.example> wrote:\n'
            f">{QUOTED_EN}\n"
        ),
        REPLY_EN,
        says_not=NOT_EN,
    )
    yield Sample(
        "feishu-zh",
        html(
            f"<div>{REPLY_ZH}</div><div class='history-quote-wrapper' id='lark-mail-quote-1'>"
            "<div>发件人: Support &lt;support@firstline.example&gt;</div>"
            f"<div>时间: 2026年3月1日 15:00</div><blockquote>{QUOTED_ZH}</blockquote></div>",
            sender=ZHOU,
        ),
        REPLY_ZH,
        sender="zhou@example.cn",
        says_not=NOT_ZH,
    )
    yield Sample(
        "feishu-plain",
        mail(
            f"{REPLY_ZH}\n\n发件人：Support <support@firstline.example>\n时间：2026年3月1日 15:00\n"
            f"主题：导出\n收件人：周敏\n\n{QUOTED_ZH}",
            sender=ZHOU,
        ),
        REPLY_ZH,
        sender="zhou@example.cn",
        says_not=NOT_ZH,
    )


def html_replies() -> Iterator[Sample]:
    yield Sample(
        "gmail-html",
        parts(
            "alternative",
            part("text/plain; charset=utf-8", " \n"),
            part(
                "text/html; charset=utf-8",
                f"<div dir='ltr'>{REPLY_EN}</div><br><div class='gmail_quote'><div dir='ltr' "
                "class='gmail_attr'>On Sun, Mar 1, 2026 Support wrote:<br></div><blockquote "
                f"class='gmail_quote'>{QUOTED_EN}</blockquote></div>",
            ),
        ),
        REPLY_EN,
        says_not=NOT_EN,
    )
    yield Sample(
        "outlook-html",
        html(
            f"<p class=MsoNormal>{REPLY_EN}</p><div id='divRplyFwdMsg'><b>From:</b> Support<br>"
            f"<b>Sent:</b> Sunday<br></div><div>{QUOTED_EN}</div>"
        ),
        REPLY_EN,
        says_not=NOT_EN,
    )
    yield Sample(
        "qq-html",
        html(
            f"<div>{REPLY_ZH}</div><div style='display:none'>1x1</div><div>------------------&nbsp;"
            f"原始邮件&nbsp;------------------</div><div><b>发件人:</b> Support</div>{QUOTED_ZH}",
            sender=ZHOU,
        ),
        REPLY_ZH,
        sender="zhou@example.cn",
        says_not=(*NOT_ZH, "1x1"),
    )
    yield Sample(
        "html-only",
        html(
            "<style>p{color:red}</style><script>alert(1)</script><p>How do I <b>export</b> a "
            "project?</p><ul><li>as CSV</li><li>as PDF</li></ul><img src='https://x.example/1.gif'>"
        ),
        "How do I export a project?\n\n* as CSV\n* as PDF",
        says_not=("alert", "color", "x.example"),
    )
    yield Sample(
        "html-broken",
        html("<p>How do I <b>export<p>a project?<table><tr><td>now</div>"),
        "How do I export\n\na project?\n\nnow",
    )


def charsets() -> Iterator[Sample]:
    question = "请问怎么导出项目？"
    traditional = "請問怎麼匯出專案？"
    for charset, encoding in (
        ("gb18030", "base64"),
        ("gb2312", "8bit"),
        ("gbk", "quoted-printable"),
        ("utf-8", "quoted-printable"),
    ):
        yield Sample(
            f"{charset}-{encoding}",
            mail(question, "导出", ZHOU, charset, encoding),
            question,
            sender="zhou@example.cn",
            subject="导出",
        )
    yield Sample(
        "big5",
        mail(traditional, "匯出", ZHOU, "big5", "base64"),
        traditional,
        sender="zhou@example.cn",
        subject="匯出",
    )
    yield Sample(
        "unnamed-gb18030",
        mail(question, "x", ZHOU, "gb18030").replace(b"charset=gb18030", b"charset=x-unknown"),
        question,
        sender="zhou@example.cn",
    )
    yield Sample(
        "raw-subject",
        mail(question, "@@", ZHOU).replace(b"@@", "导出".encode("gb18030")),
        question,
        sender="zhou@example.cn",
        subject="导出",
    )
    yield Sample(
        "broken-headers",
        b"From: ann@example.com\r\nSubject: =?utf-8?B?broken\r\n\tfolded\r\nno header at all\r\n"
        b"Content-Type: text/plain; charset=\r\n\r\nHow?",
        "no header at all\nContent-Type: text/plain; charset=\n\nHow?",
    )


def signatures() -> Iterator[Sample]:
    yield Sample(
        "signature-dashes",
        mail("How do I add a guest?\n\n-- \nAnn Lee\nExample Ltd., +1 555 0100"),
        "How do I add a guest?",
    )
    yield Sample(
        "signature-closing",
        mail("How do I add a guest?\n\nBest regards,\nAnn Lee\nHead of Operations"),
        "How do I add a guest?",
    )
    yield Sample(
        "signature-zh",
        mail("怎么添加访客？\n\n谢谢！\n周敏\n运营部", "访客", ZHOU),
        "怎么添加访客？",
        sender="zhou@example.cn",
    )
    yield Sample(
        "thanks-first",
        mail("Thanks, but that did not help.\nThanks,\nAnn\n\nWhat about guests?"),
        "Thanks, but that did not help.\nThanks,\nAnn\n\nWhat about guests?",
    )
    yield Sample(
        "list-with-dashes",
        mail("Two things:\n- export to CSV\n- import from Jira"),
        "Two things:\n- export to CSV\n- import from Jira",
    )
    yield Sample(
        "forward-only",
        mail("> The export stops at 50 rows.\n> What can we do?"),
        "The export stops at 50 rows.\nWhat can we do?",
    )
    yield Sample(
        "attachments",
        parts(
            "mixed",
            part("text/plain; charset=utf-8", "See the picture: why is it red?"),
            part(
                "image/png",
                "",
                "Content-Disposition: attachment; filename*=utf-8''%E6%8A%A5%E9%94%99.png",
            ),
            part(
                "image/gif",
                "",
                "Content-ID: <logo>",
                'Content-Disposition: inline; filename="l.gif"',
            ),
            part(
                "application/pdf", "", 'Content-Disposition: attachment; filename="../../etc/b.pdf"'
            ),
        ),
        "See the picture: why is it red?",
        attachments=("报错.png", "b.pdf"),
    )


def machines() -> Iterator[Sample]:
    def headed(name: str, **headers: str) -> Sample:
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        return Sample(name, mail("I am away.", headers=named), automatic=True)

    yield headed("auto-submitted", Auto_Submitted="auto-replied")
    yield headed("precedence", Precedence="bulk")
    yield headed("exchange-absence", X_Auto_Response_Suppress="All")
    yield headed("list", List_Id="<dev.example.com>")
    yield headed("newsletter", List_Unsubscribe="<https://example.com/u>")
    yield headed("null-sender", Return_Path="<>")
    yield Sample("absence-en", mail("Back on Monday.", "Automatic reply: Question"), automatic=True)
    yield Sample(
        "absence-zh",
        mail("我在休假。", "自动回复：导出", ZHOU),
        automatic=True,
        sender="zhou@example.cn",
    )
    yield Sample(
        "no-reply",
        mail("Your order has shipped.", sender="Shop <no-reply@example.com>"),
        automatic=True,
        sender="no-reply@example.com",
    )
    yield Sample(
        "bounce",
        bounce("gone@firstline.example"),
        automatic=True,
        sender="mailer-daemon@example.com",
    )
    yield Sample(
        "about-automatic-replies",
        mail("Why does nothing happen?", "Automatic reply does not work"),
        "Why does nothing happen?",
    )
    yield Sample(
        "not-automatic",
        mail("Why?", headers={"Auto-Submitted": "no", "Precedence": "normal"}),
        "Why?",
    )


def bounce(message_id: str, action: str = "failed") -> bytes:
    return parts(
        'report; report-type="delivery-status"',
        part("text/plain", "Your mail could not be delivered."),
        part(
            "message/delivery-status",
            "Reporting-MTA: dns; mx.example.com\n\nFinal-Recipient: rfc822; ann@example.com\n"
            f"Action: {action}\nStatus: 5.1.1\n",
        ),
        part("text/rfc822-headers", f"From: {SUPPORT}\nMessage-ID: <{message_id}>\n"),
        subject="Undeliverable: Re: Question",
        sender="Mail Delivery System <MAILER-DAEMON@example.com>",
    )


SAMPLES = (
    *quoted_replies(),
    *html_replies(),
    *charsets(),
    *signatures(),
    *machines(),
)
