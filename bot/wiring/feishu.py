"""The part of bootstrap that builds Feishu: what it stands on, and what comes in and goes out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from bot.domain.conversation import now
from bot.domain.errors import ConfigurationError
from bot.ports import Prompts, Storage
from bot.sections.feishu import Feishu
from bot.settings import Settings
from bot.wiring.chat import ChatGround, ChatServices, build_ground
from bot.wiring.chat_parts import ChatEdge, ChatParts, build_parts

if TYPE_CHECKING:
    from bot.channels.chat.mounting import Mount
    from bot.channels.chat.program import Program
    from bot.channels.feishu.callbacks import Callbacks
    from bot.channels.feishu.calls import FeishuCalls


@dataclass(frozen=True, slots=True)
class FeishuGround:
    chat: ChatGround
    calls: "FeishuCalls"


def build_feishu_ground(
    settings: Settings,
    store: Storage,
    prompts: Prompts,
    clock: Callable[[], datetime] = now,
) -> FeishuGround | None:
    """None without Feishu. Raises ConfigurationError."""
    feishu = settings.feishu
    if not feishu.is_set:
        return None
    if not feishu.app_secret.get_secret_value():
        raise ConfigurationError("setting feishu.app_secret: belongs to feishu.app_id")
    from bot.channels.feishu.calls import App, FeishuCalls

    check_installed()
    app = App(feishu.app_id, feishu.app_secret.get_secret_value(), feishu.domain)
    calls = FeishuCalls(app)
    program = _build_program(calls, settings, store, clock)
    chat = build_ground(settings, feishu, store, prompts, program, clock)
    return FeishuGround(chat, calls)


def build_feishu(ground: FeishuGround | None, services: ChatServices) -> ChatParts | None:
    """None without Feishu."""
    return build_parts(ground.chat, services, _edge(ground)) if ground is not None else None


def _edge(ground: FeishuGround) -> ChatEdge:
    """A webhook, or the long connection."""
    from bot.channels.feishu.callbacks import Callbacks
    from bot.channels.feishu.connection import LongConnection

    chat, calls = ground.chat, ground.calls
    feishu = chat.settings.feishu
    callbacks = Callbacks(chat.intake, chat.prompts, chat.settings.locale)
    if feishu.is_posted_to:
        return ChatEdge(mounts=[_mount(feishu, callbacks)], close=calls.close)
    connection = LongConnection(calls.app, callbacks.take)
    return ChatEdge(runs=[connection.run], close=calls.close)


def _build_program(
    calls: "FeishuCalls", settings: Settings, store: Storage, clock: Callable[[], datetime]
) -> "Program":
    from bot.channels.chat.program import Program
    from bot.channels.chat.signs import NoSigns
    from bot.channels.feishu import CHANNEL, TITLE
    from bot.channels.feishu.cards import Cards
    from bot.channels.feishu.chats import Chats
    from bot.channels.feishu.events import read_event
    from bot.channels.feishu.forms import FeishuForms
    from bot.channels.feishu.people import FeishuPeople
    from bot.channels.feishu.reading import FeishuReader
    from bot.channels.feishu.screen import FeishuScreen
    from bot.channels.feishu.wall import FeishuWall

    groups = [settings.feishu.triage_channel] if settings.feishu.triage_channel else []
    chats, cards = Chats(calls, groups), Cards(calls)
    wall = FeishuWall(calls, chats, cards, calls.app.domain, clock)
    return Program(
        channel=CHANNEL,
        title=TITLE,
        read_event=read_event,
        reader=FeishuReader(calls, chats),
        people=FeishuPeople(store, calls, chats, calls.app.id, settings.locale),
        wall=wall,
        screen=FeishuScreen(wall, cards, settings.locale),
        forms=FeishuForms(wall),
        signs=NoSigns(),
    )


def _mount(feishu: Feishu, callbacks: "Callbacks") -> "Mount":
    from bot.channels.feishu.webhook import FeishuInbound, Proofs, mount_feishu

    key, token = feishu.encrypt_key, feishu.verification_token
    proofs = Proofs(key.get_secret_value(), token.get_secret_value())
    return partial(mount_feishu, inbound=FeishuInbound(proofs, callbacks))


def check_installed() -> None:
    """Raises ConfigurationError without the extra."""
    from bot.channels.feishu.connection import is_installed

    if not is_installed():
        raise ConfigurationError(
            "setting feishu.app_id: Feishu needs an extra; run: pip install 'firstline[feishu]'"
        )
