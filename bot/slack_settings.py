"""The settings of Slack."""

from pydantic import Field, SecretStr

from bot.setting_types import Addresses, Section


class Slack(Section):
    bot_token: SecretStr = Field(
        SecretStr(""),
        description="Token of the app in one workspace: `xoxb-...`; empty where several install it "
        "(`slack.client_id`), or no Slack.",
    )
    app_token: SecretStr = Field(
        SecretStr(""),
        description="Token of Socket Mode, `xapp-...`: Slack is reached from here, and nothing "
        "here from Slack.",
    )
    signing_secret: SecretStr = Field(
        SecretStr(""),
        description="What Slack signs with that posts to `/slack/events`; in place of Socket Mode.",
    )
    client_id: str = Field("", description="Of the app that several workspaces install.")
    client_secret: SecretStr = Field(SecretStr(""), description="Its secret.")
    triage_channel: str = Field(
        "",
        description="Channel where tickets are worked on: `C...`, or `T.../C...` where several "
        "workspaces install the app; empty: none.",
    )
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

    @property
    def is_set(self) -> bool:
        return bool(self.bot_token.get_secret_value() or self.client_id)
