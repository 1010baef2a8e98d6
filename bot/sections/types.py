"""What settings are made of: sections, and texts that are checked when they are read."""

from ipaddress import ip_address, ip_network
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict
from pydantic_settings import NoDecode

from bot.domain.desk_fields import parse_fields
from bot.domain.knowledge import ArticleAddress
from bot.domain.opening_hours import parse_exceptions, parse_week
from bot.domain.sla_policy import parse_tier_policy

DEFAULT_PORTS = {"http": 80, "https": 443}


def _split(value: Any) -> Any:
    """Environment variables hold lists as text."""
    return value.replace(",", " ").split() if isinstance(value, str) else value


def _check_origin(origin: str) -> str:
    parts = urlsplit(origin)  # raises ValueError for what is no host or port
    host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname
    port = f":{parts.port}" if parts.port not in (None, DEFAULT_PORTS.get(parts.scheme)) else ""
    if parts.scheme not in DEFAULT_PORTS or not origin.isascii() or "*" in origin:
        raise ValueError("an origin is written as https://example.com")
    if origin != f"{parts.scheme}://{host}{port}":
        raise ValueError("an origin has no path, no capital letters and no default port")
    return origin


def _check_network(network: str) -> str:
    return str(ip_network(network))


Origins = Annotated[
    tuple[Annotated[str, AfterValidator(_check_origin)], ...], NoDecode, BeforeValidator(_split)
]
Addresses = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
Experts = Annotated[tuple[Literal["english", "bilingual"], ...], NoDecode, BeforeValidator(_split)]
Networks = Annotated[
    tuple[Annotated[str, AfterValidator(_check_network)], ...], NoDecode, BeforeValidator(_split)
]


def _check_article_url(template: str) -> str:
    if template and ArticleAddress(template).is_own:
        raise ValueError("needs to begin with https://host/ or http://host/")
    return template


ArticleUrl = Annotated[str, AfterValidator(_check_article_url)]


def _check_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (LookupError, OSError, ValueError):
        raise ValueError(f"{name!r} is no time zone; one is written as Asia/Shanghai") from None
    return name


def _check_hours(text: str) -> str:
    parse_week(text)
    return text


def _check_exceptions(text: str) -> str:
    parse_exceptions(text)
    return text


def _check_targets(text: str) -> str:
    parse_tier_policy(text)
    return text


def _check_desk_address(address: str) -> str:
    if not address:
        return address
    parts = urlsplit(address)  # raises ValueError for what is no host or port
    host = parts.hostname or ""
    if parts.scheme == "http" and not _is_this_machine(host):
        raise ValueError("needs https: it is told what customers wrote")
    if parts.scheme not in DEFAULT_PORTS or not host or "@" in parts.netloc or parts.fragment:
        raise ValueError("is written as https://example.com, without a name or password in it")
    return address


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_fields(text: str) -> str:
    parse_fields(text)
    return text


DeskAddress = Annotated[str, AfterValidator(_check_desk_address)]
DeskFields = Annotated[str, AfterValidator(_check_fields)]
Zone = Annotated[str, AfterValidator(_check_zone)]
Hours = Annotated[str, AfterValidator(_check_hours)]
Exceptions = Annotated[str, AfterValidator(_check_exceptions)]
Targets = Annotated[str, AfterValidator(_check_targets)]


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
