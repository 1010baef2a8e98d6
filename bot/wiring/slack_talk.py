"""The part of bootstrap that builds what askers have in Slack beside what all chat programs share:
commands, answers that one person sees, and panes."""

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.services.worklist import Worklist
from bot.wiring.chat import ChatServices, build_writer
from bot.wiring.slack_ground import SlackGround

if TYPE_CHECKING:
    from bot.channels.slack.private import PrivatePlaces


def connect_private(ground: SlackGround, services: ChatServices) -> "PrivatePlaces":
    """What is asked without a message in a thread."""
    from bot.channels.chat.answers import SHARE
    from bot.channels.slack.ask import COMMAND, AskCommand
    from bot.channels.slack.manifest import ASK_SHORTCUT
    from bot.channels.slack.private import PrivatePlaces
    from bot.channels.slack.responses import Responses
    from bot.channels.slack.sharing import Sharing

    chat, writer = ground.chat, build_writer(ground.chat)
    responses = Responses(ground.calls.url)
    store, locale = chat.store, chat.settings.locale
    private = PrivatePlaces(
        store, ground.calls, ground.wall, chat.poster, responses, writer, locale
    )
    asking = AskCommand(
        store,
        services.turns,
        ground.people,
        responses,
        private,
        chat.prompts,
        chat.section.internal_channels,
        locale,
    )
    sharing = Sharing(
        store,
        chat.poster,
        private,
        responses,
        writer,
        services.retriever,
        chat.section.internal_channels,
    )
    chat.handlers.add(f"command:{COMMAND}", asking.ask)
    chat.handlers.add(f"shortcut:{ASK_SHORTCUT}", asking.ask_about)
    chat.handlers.add(f"click:{SHARE}", sharing.share)
    return private


def connect_panes(ground: SlackGround, services: ChatServices) -> None:
    """The Home tab, and the assistant beside a channel."""
    from bot.channels.chat.agents import ChatAgents
    from bot.channels.chat.triage_room import TriageRoom
    from bot.channels.slack.home import AgentQueues, Home
    from bot.channels.slack.home_view import HomeView

    chat, calls = ground.chat, ground.calls
    settings, store = chat.settings, chat.store
    agents, levels = services.agents, services.hand_over.levels
    worklist = Worklist(store, agents, levels, chat.clock)
    queues = AgentQueues(
        worklist,
        agents,
        ChatAgents(chat.program.channel, ground.people, agents),
        TriageRoom(settings.slack.triage_channel, ground.people),
    )
    view = HomeView(chat.prompts, ZoneInfo(settings.sla.timezone), settings.web.site)
    retriever = services.retriever
    home = Home(store, calls, ground.people, levels, view, queues, retriever, chat.clock)
    chat.handlers.add("app_home_opened", home.open)
    chat.handlers.add("assistant_thread_started", ground.assistant.suggest)
    chat.handlers.add("assistant_thread_context_changed", ground.assistant.suggest)
