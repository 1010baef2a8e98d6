"""Slack as an edge: what is said in a thread becomes a conversation, answers go back into it."""

CHANNEL = "slack"
TITLE = "Slack"
PATH = "/slack/events"
LARGEST_EVENT = 2 * 1024 * 1024  # bytes
