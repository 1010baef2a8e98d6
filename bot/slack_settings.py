"""The settings of Slack."""

from pydantic import Field, SecretStr

from bot.chat_settings import ChatSection


class Slack(ChatSection):
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

    @property
    def is_set(self) -> bool:
        return bool(self.bot_token.get_secret_value() or self.client_id)
