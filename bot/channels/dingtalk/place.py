"""Places in DingTalk: private chats are named by who is in them, groups by their open conversation.

Neither knows threads. In a group each person has a talk of their own with the bot, `@user`.
"""

from urllib.parse import quote, unquote

from bot.channels.chat.place import Place
from bot.domain.outbox import DeskRefused

ELSEWHERE = "$:"  # begins the ids of people of other organisations
_ONE = "@"


def private(team: str, user: str) -> Place:
    return Place(team, _named(user))


def group(team: str, conversation: str, user: str | None = None) -> Place:
    """With `user`, what that one has with the bot there."""
    return Place(team, group_channel(conversation), _named(user) if user else None)


def group_channel(conversation: str) -> str:
    """Open conversation ids are Base64, whose slash an address has no room for."""
    return conversation.replace("/", "_")


def conversation_of(place: Place) -> str | None:
    """The open conversation of a group; None for a private chat."""
    return None if place.channel.startswith(_ONE) else place.channel.replace("_", "/")


def user_of(place: Place) -> str | None:
    """Whose private chat it is, or whose talk in a group."""
    for name in (place.channel, place.thread or ""):
        if name.startswith(_ONE):
            return unquote(name.removeprefix(_ONE))
    return None


def reached(place: Place) -> str:
    """Whose private chat it is. Raises DeskRefused where the robot may not write there."""
    user = user_of(place)
    if user is None or user.startswith(ELSEWHERE):
        raise DeskRefused(
            "DingTalk lets the robot write to people of its own company alone; answer the customer "
            "elsewhere"
        )
    return user


def _named(user: str) -> str:
    return f"{_ONE}{quote(user, safe='')}"
