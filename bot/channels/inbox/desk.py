"""What the routes about tickets work with, and how they get at it."""

from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from fastapi import Depends, Request

from bot.channels.inbox.casework_requests import Id
from bot.channels.inbox.casework_shapes import case_json
from bot.channels.widget.stream import HEARTBEAT_S, Arrivals
from bot.ports import AgentStore, Prompts, Storage
from bot.services.case_files import CaseFile, CaseFiles
from bot.services.casework import Casework
from bot.services.masking import Masker
from bot.services.presence import Presence
from bot.services.sla import ServiceLevels
from bot.services.worklist import Worklist

EVERYBODY = "inbox"  # whom `arrivals` wakes: all who follow the inbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    store: Storage
    agents: AgentStore
    casework: Casework
    levels: ServiceLevels
    presence: Presence
    prompts: Prompts
    arrivals: Arrivals = field(default_factory=Arrivals)
    masked: bool = False  # what points to a person is not shown in the transcript either
    heartbeat_s: float = HEARTBEAT_S
    poll_s: float = 2.0  # how late an event stream may see what another process stored

    @property
    def worklist(self) -> Worklist:
        return Worklist(self.store, self.agents, self.levels)

    @property
    def files(self) -> CaseFiles:
        return CaseFiles(self.store, self.levels)

    async def changed(self, ticket_id: str) -> dict[str, Any]:
        """The same after a change, which all who follow hear of at once."""
        self.announce()
        return await self.show(ticket_id)

    def announce(self) -> None:
        self.arrivals.announce(EVERYBODY)

    async def show(self, ticket_id: str) -> dict[str, Any]:
        """The ticket as it is now. Raises UnknownTicket, StoreError."""
        case = await self.files.open(ticket_id)
        if self.masked:
            case = masked(case, Masker.speaking(self.prompts, case.ticket.packet.locale))
        return case_json(case, self.presence.signs(case.conversation.id))


def masked(case: CaseFile, masker: Masker) -> CaseFile:
    """The same with masks in all that was said; a reply's own text is shown nowhere."""
    messages = [replace(said, text=masker.mask(said.text)) for said in case.messages]
    return replace(case, messages=messages)


async def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


DeskOfApp = Annotated[Desk, Depends(_desk)]
TicketId = Id
