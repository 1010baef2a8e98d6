"""All settings in one frozen tree, read once: environment over TOML file over defaults."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import (
    BaseModel,
    Field,
    SecretStr,
    ValidationError,
)
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from bot.adapters.prompt_files import PROMPTS_FOLDER
from bot.desk_settings import Desks
from bot.dingtalk_settings import DingTalk
from bot.domain.conversation import Locale
from bot.domain.customer import Tier
from bot.domain.errors import ConfigurationError
from bot.domain.knowledge import OWN_PAGES, ArticleAddress
from bot.domain.sla_policy import DEFAULTS, ServicePolicies, parse_tier_policy
from bot.feishu_settings import Feishu
from bot.mail_settings import Mail
from bot.setting_types import (
    ArticleUrl,
    Exceptions,
    Experts,
    Hours,
    Networks,
    Origins,
    Section,
    Targets,
    Zone,
)
from bot.slack_settings import Slack

# What would end the path of a database URL or be read as an escape; all else stands for itself.
URL_QUOTED = str.maketrans({"%": "%25", "?": "%3F"})


class Web(Section):
    host: str = Field("127.0.0.1", description="Address the server listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port the server listens on.")
    origins: Origins = Field(
        (),
        description="Sites whose pages may carry the widget, such as `https://example.com`, "
        "separated by commas. On a loopback address, pages of this machine may too.",
    )
    site: str = Field(
        "",
        description="Where this server is reached, such as `https://help.example.com`, for links "
        "to its own article pages in mails and in chat programs.",
    )
    article_url: ArticleUrl = Field(
        "",
        description="Where citations and links lead, such as "
        "`https://help.example.com/{locale}/{stem}#{anchor}`; also knows `{path}`. "
        "Empty: the article pages of this server.",
    )
    trusted_proxies: Networks = Field(
        (),
        description="Addresses or networks of proxies, separated by commas, whose "
        "`X-Forwarded-For` and `X-Forwarded-Proto` are believed.",
    )
    rate_limit: int = Field(
        30,
        ge=0,
        description="Requests a minute of one visitor, in each process; an address may make "
        "5 times as many, all together 100 times; 0 turns limits off.",
    )


class Identity(Section):
    secret: SecretStr = Field(
        SecretStr(""),
        description="What your site signs customers' identity tokens with: 32 random bytes or more "
        "(HS256), or a public key in PEM (RS256, ES256, EdDSA). Empty refuses them all.",
    )
    secret_id: str = Field("", description="The `kid` of tokens that were signed with it, if any.")
    previous_secret: SecretStr = Field(
        SecretStr(""), description="Still believed while `identity.secret` replaces it."
    )
    previous_secret_id: str = Field("", description="The `kid` of tokens of the previous secret.")
    audience: str = Field("firstline", description="What `aud` of an identity token must name.")


class Embedding(Section):
    provider: Literal["bundled", "sentence-transformers", "langchain"] = Field(
        "bundled", description="Where vectors come from."
    )
    model: str = Field(
        "", description="Model of the other two providers, by name, path or `provider:name`."
    )
    experts: Experts = Field(
        ("english", "bilingual"),
        description="Bundled only: further spaces, `english` for English over English, `bilingual` "
        "(Linux on x86-64) for whatever is Chinese. Better answers; ingestion takes longer.",
    )
    reranker: str = Field(
        "", description="A sentence-transformers `CrossEncoder` by name or path; empty for none."
    )


class Chat(Section):
    model: str = Field(
        "",
        description="Chat model that writes answers, `provider:name`; empty: extractive answers.",
    )
    first_token_s: float = Field(5, gt=0, description="Longest wait for the model's first words.")
    total_s: float = Field(20, gt=0, description="Longest wait for the model's whole answer.")


class Support(Section):
    contact: str = Field(
        "", description="How a person is reached: shown to customers who ask for one."
    )
    mask: Literal["none", "packet", "all"] = Field(
        "packet",
        description="Where mail addresses, phone, card and ID numbers, IP addresses, passwords "
        "and keys are masked: nowhere (`none`), in what agents and desks are given at a hand-over "
        "(`packet`), or in the inbox's transcript and what desks are told later as well (`all`).",
    )


class Sla(Section):
    timezone: Zone = Field("UTC", description="Time zone of the desk, such as `Asia/Shanghai`.")
    country: str = Field(
        "",
        description="Whose public holidays and make-up workdays the desk keeps: `CN`, `DE-BY`; "
        "empty for none.",
    )
    hours: Hours = Field(
        "Mon-Fri 09:00-18:00",
        description="Business hours, such as `Mon-Fri 09:00-12:00,13:30-18:00; Sat 10:00-14:00` "
        "or `24x7`.",
    )
    exceptions: Exceptions = Field(
        "",
        description="Days that differ, such as `2027-02-05 to 2027-02-11 closed, 2027-02-20 open`; "
        "they go before those of the country.",
    )
    basic: Targets = Field(
        DEFAULTS[Tier.BASIC],
        description="First answer by a person / resolution for the tier, then for what is urgent. "
        "`4h` counts business hours, `24h on working days` all hours of working days, `1h 24x7` "
        "every hour.",
    )
    premium: Targets = Field(DEFAULTS[Tier.PREMIUM], description="The same for this tier.")
    enterprise: Targets = Field(DEFAULTS[Tier.ENTERPRISE], description="The same for this tier.")

    @property
    def policies(self) -> ServicePolicies:
        return {tier: parse_tier_policy(getattr(self, tier.value)) for tier in Tier}


class Answering(Section):
    threshold: float = Field(
        0.5, ge=0, le=1, description="Answerability from which the bot answers."
    )
    related_threshold: float = Field(
        0.15, ge=0, le=1, description="Answerability from which it names the closest articles."
    )


class Store(Section):
    url: SecretStr = Field(
        SecretStr(""),
        description="Database, as SQLAlchemy writes it; empty for SQLite below `home`.",
    )
    keys: SecretStr = Field(
        SecretStr(""),
        description="What encrypts secrets of agents' authenticator apps and tokens of Slack's "
        "workspaces: 32 random bytes in Base64, or several such keys, the newest first, separated "
        "by commas. Empty: `secret.keys` below `home`, made when it is needed.",
    )


class Settings(Section):
    home: Path = Field(Path(".firstline"), description="Database, index and caches.")
    index_folder: Path | None = Field(
        None, description="The index; empty for `index` below `home`."
    )
    locale: Locale = Field(Locale.EN, description="Language when the customer's cannot be told.")
    prompts: Path = Field(PROMPTS_FOLDER, description="Folder of the bot's own words.")
    web: Web = Web()
    identity: Identity = Identity()
    embedding: Embedding = Embedding()
    chat: Chat = Chat()
    support: Support = Support()
    sla: Sla = Sla()
    mail: Mail = Mail()
    slack: Slack = Slack()
    feishu: Feishu = Feishu()
    dingtalk: DingTalk = DingTalk()
    desks: Desks = Desks()
    answering: Answering = Answering()
    store: Store = Store()

    @property
    def article_address(self) -> ArticleAddress:
        return ArticleAddress(self.web.article_url) if self.web.article_url else OWN_PAGES

    @property
    def index(self) -> Path:
        return self.index_folder or self.home / "index"

    @property
    def key_file(self) -> Path:
        return self.home / "secret.keys"

    @property
    def store_url(self) -> str:
        url = self.store.url.get_secret_value()
        return url or f"sqlite:///{str(self.home / 'firstline.db').translate(URL_QUOTED)}"


def load_settings(config: Path | None = None, **values: Any) -> Settings:
    """Raises ConfigurationError naming the setting that is wrong."""
    if config is not None and not config.is_file():
        raise ConfigurationError(f"no configuration file at {config}")

    class Sources(Settings, BaseSettings):
        model_config = SettingsConfigDict(
            env_prefix="FIRSTLINE_", env_nested_delimiter="__", frozen=True, extra="forbid"
        )

        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            file = TomlConfigSettingsSource(settings_cls, config) if config else None
            _drop_unknown(env_settings)
            return (init_settings, env_settings, *((file,) if file else ()))

    try:
        return Settings.model_validate(Sources(**values).model_dump())
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(f"setting {name}: {first['msg']}") from error
    except ValueError as error:  # TOML that cannot be read
        raise ConfigurationError(f"configuration {config}: {error}") from error


def _drop_unknown(environment: PydanticBaseSettingsSource) -> None:
    """A variable of another version must not keep the bot from starting; a file's typo must."""
    if isinstance(environment, EnvSettingsSource):
        known = {row["variable"].lower() for row in settings_table()}
        variables = environment.env_vars
        environment.env_vars = {name: variables[name] for name in known & variables.keys()}


def settings_table(model: type[BaseModel] = Settings, prefix: str = "") -> list[Mapping[str, str]]:
    """Name, environment variable, default and meaning of every setting, for the README."""
    rows: list[Mapping[str, str]] = []
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            rows.extend(settings_table(kind, f"{prefix}{name}."))
            continue
        full = f"{prefix}{name}"
        rows.append(
            {
                "name": full,
                "variable": "FIRSTLINE_" + full.replace(".", "__").upper(),
                "default": _shown(field.default),
                "meaning": field.description or "",
            }
        )
    return rows


def _shown(value: Any) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, Path) and value.is_absolute():
        return value.relative_to(PROMPTS_FOLDER.parent).as_posix()
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value)
