"""The settings of DingTalk."""

from pydantic import Field, SecretStr

from bot.chat_settings import ChatSection


class DingTalk(ChatSection):
    client_id: str = Field(
        "", description="Client ID (AppKey) of the company's app; empty: no DingTalk."
    )
    client_secret: SecretStr = Field(SecretStr(""), description="Its Client Secret (AppSecret).")
    robot_code: str = Field(
        "", description="Code of its robot, where that is not the Client ID (`robotCode`)."
    )
    corp_id: str = Field(
        "",
        description="The company's CorpId; needed for a triage channel before anybody has written "
        "to the robot.",
    )
    card_template: str = Field(
        "",
        description="An AI card template of your own with the variables of the public one; empty: "
        "that one.",
    )
    http: bool = Field(
        False,
        description="DingTalk posts to `/dingtalk/messages` and `/dingtalk/cards`, in place of "
        "Stream mode, which reaches DingTalk from here.",
    )
    triage_channel: str = Field(
        "", description="Group where tickets are worked on: its openConversationId; empty: none."
    )

    @property
    def is_set(self) -> bool:
        return bool(self.client_id)
