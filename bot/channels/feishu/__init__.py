"""Feishu, and Lark, which is the same at another domain: events, cards, and the calls to both."""

CHANNEL = "feishu"
TITLE = "Feishu"
PATH = "/feishu/events"
LARGEST_EVENT = 1024 * 1024  # bytes; a message of Feishu's has 150 KB at most
