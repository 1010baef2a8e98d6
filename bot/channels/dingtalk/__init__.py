"""DingTalk as an edge: what its robot is told becomes a conversation, answers go back as cards."""

CHANNEL = "dingtalk"
TITLE = "DingTalk"
MESSAGES_PATH = "/dingtalk/messages"
CARDS_PATH = "/dingtalk/cards"
LARGEST_EVENT = 1024 * 1024  # bytes
