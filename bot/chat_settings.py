"""The settings that all chat programs have."""

from pydantic import Field

from bot.setting_types import Addresses, Section


class ChatSection(Section):
    triage_channel: str = Field("", description="Channel where tickets are worked on; empty: none.")
    internal_channels: Addresses = Field(
        (),
        description="Channels whose members may read internal articles, separated by commas.",
    )
    auto_channels: Addresses = Field(
        (), description="Channels where questions are answered without a mention."
    )
    auto_confidence: float = Field(
        0.8, ge=0, le=1, description="Answerability below which it keeps silent there."
    )
