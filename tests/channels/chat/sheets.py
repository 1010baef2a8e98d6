"""A sheet with every part in it, and a form with every field: what each program has to draw."""

from datetime import UTC, datetime

from bot.channels.chat.sheet import (
    Button,
    Buttons,
    Choice,
    Confirmation,
    Facts,
    Form,
    Heading,
    Markdown,
    Paragraph,
    Quote,
    Sheet,
    Small,
    TextField,
    Thumb,
    Thumbs,
    Tick,
)
from bot.channels.chat.text import Bold, Faint, Link, Mention, Moment

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SURE = Confirmation("Ticket T-1", "The customer is told.", "Resolve", "Close")
CLAIM = Button("ticket.claim", "Claim", "t", is_primary=True)
RESOLVE = Button("ticket.resolve", "Resolve", "t", confirm=SURE)
THUMBS = Thumbs(
    "feedback", Thumb("Yes", "It helped", "up.m"), Thumb("👎 No", "It did not", "down.m")
)
EVERYTHING = Sheet(
    "T-1",
    (
        Heading("T-1:\n导出不了 *x*"),
        Facts((("Priority: high",), (Link("Open", "https://desk.test/a t"),), ("",))),
        Paragraph(
            (
                ("Who: ", Bold("Ann"), " ", Faint("verified")),
                (Mention("U2"), " has it"),
                ("due ", Moment(NOON, "12:00")),
            )
        ),
        Quote((Mention("U2"), " asked:"), "How?\nAnd why?"),
        Markdown("See **[the guide](https://a.test)** or [this](https://b.test).", frozenset()),
        Small((("1 ", Link("Boards", "https://a.test")), (Faint("shortened"),))),
        Buttons("ticket", (CLAIM, Button("ticket.reply", "Reply", ""))),
        Buttons("more", (RESOLVE,)),
        THUMBS,
    ),
)
FORM = Form(
    "reply",
    "ticket",
    "Reply to a ticket with a long name",
    "Send",
    "Close",
    (
        TextField("text", "Words", "Hello", hint="To the customer"),
        TextField("more", "More", is_optional=True),
        Choice("score", "Score", {"1": "bad", "2": "good"}, is_optional=True),
        Tick("resolves", "Then", "Resolve"),
    ),
    intro="导出 <不了>",
)
