"""The settings of desks elsewhere."""

from typing import Literal

from pydantic import Field, SecretStr

from bot.sections.mail import MailDesk
from bot.sections.types import DeskAddress, DeskFields, Section

FACTS_IN_FIELDS = (
    "Facts of a ticket in fields of its own, such as `{field}=tier, {other}=reason`; "
    "facts: see docs/desks.md."
)


class Zendesk(Section):
    address: DeskAddress = Field(
        "", description="`https://NAME.zendesk.com`; empty: no tickets go to Zendesk."
    )
    email: str = Field("", description="Address of the agent whose API token it is.")
    token: SecretStr = Field(SecretStr(""), description="API token.")
    webhook_secret: SecretStr = Field(
        SecretStr(""), description="Signing secret of the webhook that tells of agents' replies."
    )
    fields: DeskFields = Field(
        "", description=FACTS_IN_FIELDS.format(field="360001", other="360002")
    )


class ServiceNow(Section):
    address: DeskAddress = Field(
        "", description="`https://NAME.service-now.com`; empty: no tickets go to ServiceNow."
    )
    user: str = Field("", description="User that writes tickets.")
    password: SecretStr = Field(SecretStr(""), description="The user's password.")
    webhook_secret: SecretStr = Field(
        SecretStr(""), description="`whsec_…`: what ServiceNow signs news of tickets with."
    )
    fields: DeskFields = Field(
        "", description=FACTS_IN_FIELDS.format(field="u_tier", other="u_reason")
    )
    table: str = Field("incident", pattern="^[a-z0-9_]+$", description="Table the tickets go into.")


class DeskWebhook(Section):
    address: DeskAddress = Field(
        "", description="Where every event of a ticket is sent to; empty: nowhere."
    )
    secret: SecretStr = Field(SecretStr(""), description="`whsec_…`: signs what is sent.")
    inbound_secret: SecretStr = Field(
        SecretStr(""), description="`whsec_…`: what the receiver signs its news with."
    )


class Desks(Section):
    sla_clock: Literal["firstline", "desk"] = Field(
        "firstline",
        description="Who holds the clock of service levels: `firstline` tells desks of promised "
        "times, warnings and breaches; `desk` leaves that to the desk.",
    )
    poll_s: float = Field(
        60,
        ge=0,
        description="How often Zendesk and ServiceNow are asked for replies where no "
        "`webhook_secret` is set, in seconds; 0: never.",
    )
    mail: MailDesk = MailDesk()
    zendesk: Zendesk = Zendesk()
    servicenow: ServiceNow = ServiceNow()
    webhook: DeskWebhook = DeskWebhook()

    @property
    def addresses(self) -> tuple[str, ...]:
        """Of the desks that are set up."""
        given = (self.zendesk.address, self.servicenow.address, self.webhook.address)
        return tuple(address for address in given if address)
