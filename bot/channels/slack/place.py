"""Places in Slack: how they are opened, and what a message there is called."""

from bot.channels.chat.place import Place


def link_to(place: Place) -> str:
    """Opens it in Slack."""
    base = f"https://app.slack.com/client/{place.team}/{place.channel}"
    return f"{base}/thread/{place.channel}-{place.thread}" if place.thread else base


def message_key(team: str, channel: str, ts: str) -> str:
    """Of a message: whichever event tells of it."""
    return f"{team}/{channel}/{ts}"
