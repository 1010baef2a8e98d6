"""Mail as an edge: what comes into a mailbox becomes a conversation, answers go back into it."""

CHANNEL = "mail"
PATH = "/mail/events"
LARGEST_EVENT = 42 * 1024 * 1024  # bytes: a mail of 30 MB in Base64
