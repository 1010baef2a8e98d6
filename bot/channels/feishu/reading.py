"""What people write in Feishu, as plain text, and what they click."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.channels.chat.bodies import moment_of
from bot.channels.chat.place import Place
from bot.channels.chat.program import Body, Click, Said
from bot.channels.feishu.calls import Calls, path
from bot.channels.feishu.chats import Chats
from bot.channels.feishu.events import (
    ACTION,
    POST,
    VALUE,
    clicked_place,
    message_key,
    place_of,
    team_of,
    user_of,
    value_of,
)
from bot.domain.inbound import InboundEvent
from bot.domain.outbox import DeskRefused, DeskUnavailable
from bot.domain.text import replace_unstorable

_MENTION = re.compile(r"@_user_\d+|@_all(?!\w)")
_SPACES = re.compile(r"[ \t]{2,}")
_FILES = frozenset({"file", "image", "audio", "media", "sticker"})
_CODE = "```"


class FeishuReader:
    def __init__(self, calls: Calls, chats: Chats) -> None:
        self._calls = calls
        self._chats = chats

    async def said(self, event: InboundEvent) -> Said:
        if event.kind == "deleted":
            return await self._recalled(event)
        body = event.body
        message = body["event"]["message"]
        place = place_of(body)
        self._chats.learn(place.channel, is_private=place.is_flat)
        sender = body["event"]["sender"]
        user = str(sender["sender_id"]["open_id"])
        self._meet(body, user, sender)
        mentions = message.get("mentions") or []
        bot = await self._bot() if mentions else ""
        named = [_open_id(one) for one in mentions]
        # Where the bot is not known, it is who is named: of other messages it hears seldom.
        others = [one for one in named if bot and one != bot]
        text, files = read_content(
            str(message.get("message_type", "")), str(message.get("content", "")), mentions, bot
        )
        colleagues = tuple(_name(one, bot) for one in mentions if _open_id(one) in others)
        return Said(
            place=place,
            user=user,
            key=message_key(place.team, str(message["message_id"])),
            text=text,
            at=moment_of(message.get("create_time"), event.received_at),
            names_bot=len(others) < len(named),
            names_others=bool(others),
            is_direct=place.is_flat,
            is_reply=bool(message.get("parent_id")),
            is_aside=text.startswith(colleagues),
            files=files,
            answers=str(message["parent_id"]) if message.get("parent_id") else None,
        )

    def click(self, event: InboundEvent) -> Click:
        body, value = event.body, value_of(event.body)
        inner = body["event"]
        context = _of(inner, "context")
        self._meet(body, user_of(body), _of(inner, "operator"))
        return Click(
            key=event.key,
            action=str(value[ACTION]),
            value=str(value.get(VALUE) or ""),
            user=user_of(body),
            team=team_of(body),
            at=clicked_place(body),
            post=str(value.get(POST) or context.get("open_message_id") or ""),
            values=_filled(inner["action"].get("form_value")),
            handle=str(context.get("open_message_id") or ""),
        )

    async def above(self, said: Said) -> str:
        try:
            found = await self._message(said.answers or said.place.thread or "")
            mentions = found.get("mentions") or []
            bot = await self._bot() if mentions else ""
        except (DeskUnavailable, DeskRefused):
            return ""
        kind, content = str(found.get("msg_type", "")), _of(found, "body").get("content", "")
        return read_content(kind, str(content), mentions, bot)[0]

    def _meet(self, body: Body, user: str, somebody: Body) -> None:
        company = _of(body, "header").get("tenant_key")
        is_colleague = bool(company) and somebody.get("tenant_key") == company
        self._chats.meet(user, is_colleague=is_colleague)

    async def _bot(self) -> str:
        try:
            return await self._chats.bot_user()
        except DeskRefused:
            return ""

    async def _recalled(self, event: InboundEvent) -> Said:
        """Feishu says which message it was, and neither whose nor where in the chat."""
        told, team = event.body["event"], team_of(event.body)
        chat, message = str(told.get("chat_id")), str(told["message_id"])
        place = Place(team, chat)
        if not await self._chats.is_private(chat):
            place = Place(team, chat, await self._root(message))
        key = message_key(team, message)
        at = moment_of(told.get("recall_time"), event.received_at)
        return Said(place=place, user="", key=key, text="", at=at)

    async def _root(self, message: str) -> str:
        try:
            found = await self._message(message)
        except (DeskUnavailable, DeskRefused):
            return message
        return str(found.get("root_id") or message) if found.get("thread_id") else message

    async def _message(self, id: str) -> Body:
        answer = await self._calls.call("GET", path("im/v1/messages", id))
        return next(iter(answer.get("items") or ()), {})


def read_content(
    kind: str, content: str, mentions: Sequence[Body], bot: str
) -> tuple[str, tuple[str, ...]]:
    """The text without the mention of the bot, and the names of what is attached."""
    try:
        told = json.loads(content)
    except ValueError:
        return "", ()
    if not isinstance(told, Mapping):
        return "", ()
    if kind in _FILES:
        return "", (replace_unstorable(str(told.get("file_name") or kind)),)
    if kind == "post":
        text, files = _read_post(told, bot)
    else:
        text, files = str(told.get("text") or ""), ()
    names = {str(one.get("key")): _name(one, bot) for one in mentions}
    text = _MENTION.sub(lambda found: names.get(found[0], found[0].replace("_", "")), text)
    return _tidy(replace_unstorable(text)), files


def _read_post(told: Body, bot: str) -> tuple[str, tuple[str, ...]]:
    """As events bring it, and below a language as it is sent."""
    post = told if "content" in told else next((one for one in told.values() if one), {})
    files: list[str] = []
    lines = [str(post.get("title") or "")] if isinstance(post, Mapping) else []
    for paragraph in _of_list(post, "content"):
        pieces = list(_pieces(paragraph, bot, files))
        lines.append("".join(pieces))
    return "\n".join(lines).strip(), tuple(files)


def _pieces(paragraph: Any, bot: str, files: list[str]) -> Iterator[str]:
    elements = paragraph if isinstance(paragraph, list) else ()
    for element in [one for one in elements if isinstance(one, Mapping)]:
        tag, text = element.get("tag"), str(element.get("text") or "")
        match tag:
            case "text" | "md":
                yield text
            case "a":
                address = str(element.get("href") or "")
                yield text if not address or text == address else f"{text} ({address})".lstrip()
            case "at":
                user, name = str(element.get("user_id") or ""), element.get("user_name")
                # What is named by its place among the mentions is read there.
                yield (
                    user if _MENTION.fullmatch(user) else "" if user == bot else f"@{name or user}"
                )
            case "code_block":
                yield f"\n{_CODE}\n{text}\n{_CODE}\n"
            case "img" | "media":
                files.append("image" if tag == "img" else "media")


def _tidy(text: str) -> str:
    lines = text.splitlines()
    if any(line.startswith(_CODE) for line in lines):
        return text.strip()
    return "\n".join(_SPACES.sub(" ", line).strip() for line in lines).strip()


def _filled(values: Any) -> Mapping[str, str]:
    """A tick that is set is "yes"."""
    filled = values if isinstance(values, Mapping) else {}
    found = {str(name): one for name, one in filled.items() if one not in (None, False, "")}
    return {
        name: "yes" if one is True else replace_unstorable(str(one)) for name, one in found.items()
    }


def _name(mention: Body, bot: str) -> str:
    if bot and _open_id(mention) == bot:
        return ""
    return f"@{mention.get('name') or mention.get('key')}"


def _open_id(mention: Body) -> str:
    """An event gives an object, a message that is asked for the id alone."""
    id = mention.get("id")
    return str((id.get("open_id") if isinstance(id, Mapping) else id) or "")


def _of(body: Body, name: str) -> Body:
    part = body.get(name)
    return part if isinstance(part, Mapping) else {}


def _of_list(body: Any, name: str) -> Sequence[Any]:
    part = body.get(name) if isinstance(body, Mapping) else None
    return part if isinstance(part, list) else ()
