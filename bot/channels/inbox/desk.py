"""What the routes about tickets work with, and how they get at it."""

from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from fastapi import Depends, Request

from bot.channels.inbox.casework_requests import Id
from bot.channels.inbox.casework_shapes import case_json
from bot.channels.inbox.hearsay import Hearsay
from bot.channels.inbox.live_shapes import live_json, overheard_json
from bot.channels.widget.stream import HEARTBEAT_S, Arrivals
from bot.domain.conversation import Conversation, Locale
from bot.domain.live_conversation import LiveConversation
from bot.ports import AgentStore, Prompts, Storage
from bot.services.case_files import CaseFiles
from bot.services.casework import Casework
from bot.services.live_conversations import LiveConversations
from bot.services.masking import Masker, mask_messages
from bot.services.presence import Presence
from bot.services.profile import Profiles
from bot.services.sla import ServiceLevels
from bot.services.worklist import Worklist

EVERYBODY = "inbox"  # whom `arrivals` wakes: all who follow the inbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    store: Storage
    agents: AgentStore
    casework: Casework
    live: LiveConversations
    profiles: Profiles
    levels: ServiceLevels
    presence: Presence
    prompts: Prompts
    arrivals: Arrivals = field(default_factory=Arrivals)
    hearsay: Hearsay = field(default_factory=Hearsay)
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
            masker = Masker.speaking(self.prompts, case.ticket.packet.locale)
            case = replace(case, messages=mask_messages(case.messages, masker))
        signs = [self.presence.signs(place) for place in case.places]
        return case_json(case, signs)

    async def list_live(self) -> dict[str, Any]:
        found = await self.live.look()
        if self.masked:
            found = [replace(row, live=self._masked_live(row.live)) for row in found]
        return live_json(found)

    async def overhear(self, conversation_id: str) -> dict[str, Any]:
        """A conversation, whoever has it. Raises UnknownConversation, StoreError."""
        heard = await self.live.open(conversation_id)
        if self.masked:
            masker = self._masker(heard.conversation)
            heard = replace(heard, messages=mask_messages(heard.messages, masker))
        return overheard_json(heard)

    def _masked_live(self, live: LiveConversation) -> LiveConversation:
        [last] = mask_messages([live.last], self._masker(live.conversation))
        return replace(live, last=last)

    def _masker(self, conversation: Conversation) -> Masker:
        return Masker.speaking(self.prompts, conversation.locale or Locale.EN)


async def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


DeskOfApp = Annotated[Desk, Depends(_desk)]
TicketId = Id
