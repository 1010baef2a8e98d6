"""The part of bootstrap that knows which requests may be larger than others: those that
bring what was written elsewhere."""

from bot.channels.dingtalk import CARDS_PATH as DINGTALK_CARDS
from bot.channels.dingtalk import LARGEST_EVENT as LARGEST_DINGTALK_EVENT
from bot.channels.dingtalk import MESSAGES_PATH as DINGTALK_MESSAGES
from bot.channels.feishu import LARGEST_EVENT as LARGEST_FEISHU_EVENT
from bot.channels.feishu import PATH as FEISHU_EVENTS
from bot.channels.mail import LARGEST_EVENT as LARGEST_MAIL_EVENT
from bot.channels.mail import PATH as MAIL_EVENTS
from bot.channels.slack import LARGEST_EVENT as LARGEST_SLACK_EVENT
from bot.channels.slack import PATH as SLACK_EVENTS

LARGER_BODIES = {
    DINGTALK_CARDS: LARGEST_DINGTALK_EVENT,
    DINGTALK_MESSAGES: LARGEST_DINGTALK_EVENT,
    FEISHU_EVENTS: LARGEST_FEISHU_EVENT,
    MAIL_EVENTS: LARGEST_MAIL_EVENT,
    SLACK_EVENTS: LARGEST_SLACK_EVENT,
}
