"""The part of bootstrap that builds DingTalk: its edge, and what chat programs share over it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from bot.domain.conversation import now
from bot.domain.errors import ConfigurationError
from bot.ports import Prompts, Storage
from bot.sections.dingtalk import DingTalk
from bot.settings import Settings
from bot.wiring.chat import ChatGround, ChatServices, build_ground
from bot.wiring.chat_parts import ChatEdge, ChatParts, build_parts

if TYPE_CHECKING:
    from bot.channels.chat.listening import Diversion
    from bot.channels.chat.program import Program
    from bot.channels.dingtalk.buttons import Seal
    from bot.channels.dingtalk.calls import Credentials, DingTalkCalls
    from bot.channels.dingtalk.forms import SingleCards
    from bot.channels.dingtalk.wall import DingTalkWall


@dataclass(frozen=True, slots=True)
class DingTalkGround:
    chat: ChatGround
    calls: "DingTalkCalls"
    wall: "DingTalkWall"
    singles: "SingleCards"
    seal: "Seal"


def build_dingtalk_ground(
    settings: Settings,
    store: Storage,
    prompts: Prompts,
    clock: Callable[[], datetime] = now,
    url: str | None = None,
) -> DingTalkGround | None:
    """None without DingTalk; `url` in place of DingTalk's own. Raises ConfigurationError."""
    section = settings.dingtalk
    if not section.is_set:
        return None
    from bot.channels.dingtalk.buttons import Seal
    from bot.channels.dingtalk.calls import DingTalkCalls

    seal = Seal(section.client_secret.get_secret_value())
    calls = DingTalkCalls(credentials_of(section), url or endpoint())
    program, wall, singles = _program(settings, store, prompts, calls, seal)
    channels = _channels_of(section)
    chat = build_ground(settings, channels, store, prompts, program, clock)
    return DingTalkGround(chat, calls, wall, singles, seal)


def credentials_of(section: DingTalk) -> "Credentials":
    from bot.channels.dingtalk.calls import Credentials

    secret = section.client_secret.get_secret_value()
    if not secret:
        raise ConfigurationError("setting dingtalk.client_secret: belongs to dingtalk.client_id")
    return Credentials(section.client_id, secret, section.robot_code)


def build_dingtalk(ground: DingTalkGround | None, services: ChatServices) -> ChatParts | None:
    """None without DingTalk."""
    if ground is None:
        return None
    return build_parts(ground.chat, services, _edge(ground), _connect_stand_ins(ground))


def _edge(ground: DingTalkGround) -> ChatEdge:
    """Stream mode, or what DingTalk posts to."""
    from bot.channels.dingtalk.route import CardRoute
    from bot.channels.dingtalk.stream import StreamRunner
    from bot.channels.dingtalk.webhook import DingTalkInbound, Signatures, mount_dingtalk

    calls, settings, take = ground.calls, ground.chat.settings, ground.chat.intake.take
    section, site = settings.dingtalk, settings.web.site
    if not section.http:
        stream = StreamRunner(credentials_of(section), calls, take)
        return ChatEdge(runs=[stream.run], close=calls.close)
    signatures = Signatures(section.client_secret.get_secret_value())
    mount = partial(mount_dingtalk, inbound=DingTalkInbound(signatures, take))
    route = CardRoute(calls, site, signatures.cards_secret)
    return ChatEdge(runs=[route.run] if site else (), mounts=[mount], close=calls.close)


def _program(
    settings: Settings, store: Storage, prompts: Prompts, calls: "DingTalkCalls", seal: "Seal"
) -> "tuple[Program, DingTalkWall, SingleCards]":
    from bot.channels.chat.program import Program
    from bot.channels.chat.signs import NoSigns
    from bot.channels.dingtalk import CHANNEL, TITLE
    from bot.channels.dingtalk.cards import PUBLIC_TEMPLATE, DingTalkCards
    from bot.channels.dingtalk.events import read_event
    from bot.channels.dingtalk.forms import DingTalkForms, SingleCards
    from bot.channels.dingtalk.people import DingTalkPeople
    from bot.channels.dingtalk.plain import PlainMessages, Sessions
    from bot.channels.dingtalk.reading import DingTalkReader
    from bot.channels.dingtalk.screen import DingTalkScreen
    from bot.channels.dingtalk.tracks import Tracks
    from bot.channels.dingtalk.wall import DingTalkWall

    section, locale = settings.dingtalk, settings.locale
    people = DingTalkPeople(store, calls, locale, section.corp_id)
    sessions, tracks = Sessions(calls.url, any_port=not section.http), Tracks(store)
    template = section.card_template or PUBLIC_TEMPLATE
    cards = DingTalkCards(calls, template, over_http=section.http)
    wall = DingTalkWall(cards, PlainMessages(calls, sessions, store), tracks, seal, people.name)
    singles = SingleCards(wall, tracks)
    program = Program(
        channel=CHANNEL,
        title=TITLE,
        read_event=partial(read_event, seal),
        reader=DingTalkReader(tracks, [people.meet, sessions.note]),
        people=people,
        wall=wall,
        screen=DingTalkScreen(cards, wall, tracks, locale),
        forms=DingTalkForms(singles, store, prompts, locale),
        signs=NoSigns(),
    )
    return program, wall, singles


def _connect_stand_ins(ground: DingTalkGround) -> "list[Diversion]":
    """What stands in for forms, and for asking whether somebody is sure."""
    from bot.channels.dingtalk.events import SURE
    from bot.channels.dingtalk.forms import DISMISS, Asking, FormReplies

    chat = ground.chat
    asking = Asking(chat.program.reader, ground.singles, ground.wall)
    chat.handlers.add(f"{SURE}:*", asking.ask)
    chat.handlers.add(f"click:{DISMISS}", asking.dismiss)
    return [FormReplies(chat.store, chat.handlers).take]


def _channels_of(section: DingTalk) -> DingTalk:
    """Groups as places name them."""
    from bot.channels.dingtalk.place import group_channel

    return section.model_copy(
        update={
            "triage_channel": group_channel(section.triage_channel),
            "internal_channels": tuple(map(group_channel, section.internal_channels)),
            "auto_channels": tuple(map(group_channel, section.auto_channels)),
        }
    )


def endpoint() -> str:
    try:
        from bot.channels.dingtalk.endpoint import ENDPOINT
    except ImportError as error:
        raise ConfigurationError(
            "setting dingtalk.client_id: DingTalk needs an extra; run: pip install "
            "'firstline[dingtalk]'"
        ) from error
    return ENDPOINT
