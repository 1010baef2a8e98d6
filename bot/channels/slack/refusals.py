"""What Slack says no with, and the way out."""

from bot.channels.chat.program import NotHeard, OutcomeUnknown, PostGone
from bot.domain.outbox import DeskRefused, DeskUnavailable

WAYS_OUT = {
    "token_revoked": "install the app again, or set slack.bot_token to its new token",
    "token_expired": "install the app again, or set slack.bot_token to its new token",
    "account_inactive": "the app was removed from the workspace; install it again",
    "invalid_auth": "see that slack.bot_token is the app's Bot User OAuth Token",
    "not_authed": "set slack.bot_token, or install the app in this workspace",
    "not_allowed_token_type": "slack.bot_token begins with xoxb-, slack.app_token with xapp-",
    "missing_scope": "add the scope to the app and install it again; run: firstline slack check",
    "is_archived": "the channel is archived; unarchive it, or answer the customer elsewhere",
    "channel_not_found": "invite the app to the channel, or see that it still exists",
    "not_in_channel": "invite the app to the channel",
    "user_not_in_channel": "the customer left the channel; answer them elsewhere",
    "thread_not_found": "the thread's first message was deleted; answer the customer elsewhere",
    "cannot_reply_to_message": "the message was deleted; answer the customer elsewhere",
    "message_not_found": "the message was deleted",
    "restricted_action": "the channel lets only some post; let the app post there",
    "messages_tab_disabled": "switch on the Messages tab in the app's App Home",
    "msg_too_long": "the message is too long for Slack",
    "invalid_blocks": "Slack does not take the message's layout; please report it",
    "user_not_found": "the customer is no member of the workspace any more",
}
# Slack's own troubles, before it did anything.
TRANSIENT = frozenset(
    {
        "accesslimited",
        "ratelimited",
        "rate_limited",
        "service_unavailable",
        "team_added_to_org",
        "message_limit_exceeded",
    }
)
# A workspace or an app does not have what was called, such as streams; with all else that may be
# different the next time.
WITHOUT = frozenset(
    {
        *("unknown_method", "method_deprecated", "feature_not_enabled", "not_supported"),
        *("missing_scope", "not_allowed_token_type", "streaming_not_enabled"),
    }
)
# It may have been done, or not.
DOUBTFUL = frozenset({"fatal_error", "internal_error", "request_timeout"})


# What a post was to be changed in, or stand below, is there no more.
GONE = frozenset(
    {
        *("message_not_found", "cant_update_message", "edit_window_closed"),
        *("thread_not_found", "cannot_reply_to_message"),
    }
)


class SlackRefused(DeskRefused):
    """Slack will never do this as it was asked."""

    def __init__(self, method: str, code: str, detail: str = "") -> None:
        way_out = WAYS_OUT.get(code, "see https://docs.slack.dev/reference/methods")
        what = f"{code} ({detail})" if detail else code
        super().__init__(f"Slack refused {method}: {what}; {way_out}")
        self.method = method
        self.code = code
        self.detail = detail


class SlackPostGone(SlackRefused, PostGone):
    """The post is there no more."""


class SlackNotHeard(SlackRefused, NotHeard):
    """Slack shows it to nobody there."""


class SlackUnavailable(DeskUnavailable):
    """Slack did not do it."""


class SlackOutcomeUnknown(SlackUnavailable, OutcomeUnknown):
    """Whether Slack did it nobody said."""
