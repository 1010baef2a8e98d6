"""The part of bootstrap that knows which chat programs there are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.adapters.fernet_seals import FernetSeals
from bot.domain.conversation import now
from bot.ports import Prompts, Storage
from bot.settings import Settings
from bot.wiring.chat import ChatGround, ChatServices
from bot.wiring.chat_parts import ChatParts
from bot.wiring.dingtalk import DingTalkGround, build_dingtalk, build_dingtalk_ground
from bot.wiring.feishu import FeishuGround, build_feishu, build_feishu_ground
from bot.wiring.slack import build_slack
from bot.wiring.slack_ground import SlackGround, build_slack_ground


@dataclass(frozen=True, slots=True)
class ChatGrounds:
    """Each None where it is not set up."""

    slack: SlackGround | None = None
    feishu: FeishuGround | None = None
    dingtalk: DingTalkGround | None = None

    @property
    def all(self) -> Sequence[ChatGround]:
        grounds = (self.slack, self.feishu, self.dingtalk)
        return [ground.chat for ground in grounds if ground is not None]


def build_chat_grounds(
    settings: Settings,
    store: Storage,
    prompts: Prompts,
    seals: Callable[[], FernetSeals],
    overrides: Mapping[str, Any],
) -> ChatGrounds:
    """Raises ConfigurationError."""
    clock = overrides.get("clock") or now
    return ChatGrounds(
        slack=build_slack_ground(
            settings, store, prompts, seals, clock, overrides.get("slack_url")
        ),
        feishu=build_feishu_ground(settings, store, prompts, clock),
        dingtalk=build_dingtalk_ground(
            settings, store, prompts, clock, overrides.get("dingtalk_url")
        ),
    )


def build_chats(grounds: ChatGrounds, services: ChatServices) -> Mapping[str, ChatParts]:
    """Those that are set up, by their channels. Raises ConfigurationError."""
    built = {
        "slack": build_slack(grounds.slack, services),
        "feishu": build_feishu(grounds.feishu, services),
        "dingtalk": build_dingtalk(grounds.dingtalk, services),
    }
    return {channel: parts for channel, parts in built.items() if parts is not None}
