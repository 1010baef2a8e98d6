"""The settings of Feishu."""

from pydantic import Field, SecretStr, field_validator

from bot.chat_settings import ChatSection


class Feishu(ChatSection):
    app_id: str = Field("", description="App ID of a self-built app, `cli_...`; empty: no Feishu.")
    app_secret: SecretStr = Field(SecretStr(""), description="Its App Secret.")
    domain: str = Field(
        "https://open.feishu.cn",
        description="Where its API is; `https://open.larksuite.com` for Lark.",
    )
    verification_token: SecretStr = Field(
        SecretStr(""),
        description="Verification Token of what Feishu posts to `/feishu/events`, in place of the "
        "long connection.",
    )
    encrypt_key: SecretStr = Field(
        SecretStr(""), description="Encrypt Key of what it posts, by which it is signed as well."
    )

    @field_validator("domain")
    @classmethod
    def _is_origin(cls, value: str) -> str:
        address = value.rstrip("/")
        if not address.startswith(("https://", "http://")) or address.count("/") != 2:
            raise ValueError("is an address such as https://open.feishu.cn")
        return address

    @property
    def is_set(self) -> bool:
        return bool(self.app_id)

    @property
    def is_posted_to(self) -> bool:
        """In place of the long connection."""
        return bool(
            self.verification_token.get_secret_value() or self.encrypt_key.get_secret_value()
        )

    @property
    def connected(self) -> "Feishu":
        """With the long connection, whatever else is set."""
        nothing = SecretStr("")
        return self.model_copy(update={"verification_token": nothing, "encrypt_key": nothing})
