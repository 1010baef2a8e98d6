"""Desks elsewhere, as the settings name them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from bot.adapters.desk_wording import DeskWording
from bot.domain.conversation import now
from bot.domain.desk_fields import parse_fields
from bot.ports import AskedDesk, DeskInspector, DeskListener, Prompts, Storage, TicketDesk
from bot.services.desk_events import DeskEvents
from bot.services.desk_polls import DeskPolls
from bot.settings import Settings

# What speaks to desks is imported where there is one: the HTTP client takes 0.2 s.
if TYPE_CHECKING:
    from bot.adapters.servicenow_desk import ServiceNowDesk
    from bot.adapters.webhook_desk import WebhookDesk
    from bot.adapters.zendesk_desk import ZendeskDesk


class OuterDesk(TicketDesk, DeskListener, DeskInspector, Protocol):
    """A desk that is spoken to, speaks, and can be looked after."""


def build_outer_desks(
    settings: Settings, prompts: Prompts, clock: Callable[[], datetime] = now
) -> Sequence[OuterDesk]:
    """Those with an address. Raises ConfigurationError for a secret that is none."""
    if not settings.desks.addresses:
        return ()
    desks: list[OuterDesk] = []
    wording = DeskWording(
        prompts,
        settings.locale,
        ZoneInfo(settings.sla.timezone),
        tells_clock=settings.desks.sla_clock == "firstline",
    )
    if settings.desks.zendesk.address:
        desks.append(_build_zendesk(settings, wording, clock))
    if settings.desks.servicenow.address:
        desks.append(_build_servicenow(settings, wording, clock))
    if settings.desks.webhook.address:
        desks.append(_build_webhook(settings, wording, clock))
    return desks


def build_polls(
    settings: Settings,
    desks: Sequence[OuterDesk],
    store: Storage,
    events: DeskEvents,
    clock: Callable[[], datetime] = now,
) -> DeskPolls:
    asked = [desk for desk in desks if isinstance(desk, AskedDesk)]
    return DeskPolls(asked, store, events, settings.desks.poll_s, clock)


def _build_zendesk(
    settings: Settings, wording: DeskWording, clock: Callable[[], datetime]
) -> "ZendeskDesk":
    from bot.adapters.desk_http import DeskHttp
    from bot.adapters.zendesk_desk import ZendeskDesk

    given = settings.desks.zendesk
    auth = (f"{given.email}/token", given.token.get_secret_value())
    return ZendeskDesk(
        DeskHttp(given.address, auth=auth),
        wording,
        parse_fields(given.fields),
        given.webhook_secret.get_secret_value(),
        clock,
        is_asked=settings.desks.poll_s > 0,
    )


def _build_servicenow(
    settings: Settings, wording: DeskWording, clock: Callable[[], datetime]
) -> "ServiceNowDesk":
    from bot.adapters.desk_http import DeskHttp
    from bot.adapters.servicenow_desk import ServiceNowDesk
    from bot.adapters.standard_webhooks import WebhookSecret

    given = settings.desks.servicenow
    secret = given.webhook_secret.get_secret_value()
    return ServiceNowDesk(
        DeskHttp(given.address, auth=(given.user, given.password.get_secret_value())),
        wording,
        parse_fields(given.fields),
        WebhookSecret(secret, "desks.servicenow.webhook_secret"),
        clock,
        user=given.user,
        table=given.table,
        is_asked=settings.desks.poll_s > 0,
    )


def _build_webhook(
    settings: Settings, wording: DeskWording, clock: Callable[[], datetime]
) -> "WebhookDesk":
    from bot.adapters.desk_http import DeskHttp
    from bot.adapters.standard_webhooks import WebhookSecret
    from bot.adapters.webhook_desk import WebhookDesk

    given = settings.desks.webhook
    return WebhookDesk(
        DeskHttp(given.address),
        WebhookSecret(given.secret.get_secret_value(), "desks.webhook.secret"),
        WebhookSecret(given.inbound_secret.get_secret_value(), "desks.webhook.inbound_secret"),
        wording,
        clock,
    )
