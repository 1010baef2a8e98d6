"""Mails that a mail server hands over instead of a mailbox: `POST /mail/events`, signed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Protocol

from fastapi import APIRouter, FastAPI, Request
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, ValidationError

from bot.channels.mail import LARGEST_EVENT, PATH
from bot.channels.mail.intake import MailIntake
from bot.channels.problems import Problem, ProblemKind
from bot.domain.desk_news import EventRefused

# Bytes of all bodies that are read at once: whose they are is known only once they are there.
MOST_BYTES = 4 * LARGEST_EVENT
SIGNED_BY = ("webhook-id", "webhook-timestamp", "webhook-signature")

router = APIRouter()


class Proof(Protocol):
    def verify(self, headers: Mapping[str, str], body: bytes) -> object:
        """Raises EventRefused."""
        ...


class Room:
    """For what is being read; a body that does not fit any more is not."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._left = most_bytes

    async def read(self, request: Request) -> bytes:
        """Raises Problem."""
        body = bytearray()
        try:
            async for chunk in request.stream():
                self._left -= len(chunk)
                body += chunk
                if self._left < 0:
                    raise Problem(ProblemKind.TOO_MANY_REQUESTS)
        finally:
            self._left += len(body)
        return bytes(body)


@dataclass(frozen=True, slots=True)
class Inbound:
    proof: Proof
    intake: MailIntake
    room: Room = field(default_factory=Room)


class _Event(BaseModel):
    model_config = ConfigDict(extra="ignore")

    raw: Annotated[Base64Bytes, Field(description="The mail as it came, RFC 5322, in Base64.")]


def mount_inbound(app: FastAPI, inbound: Inbound) -> None:
    app.state.mail = inbound
    app.include_router(router)


@router.post(PATH)
async def take_mail(request: Request) -> dict[str, str]:
    """200 says that the mail is committed. The same mail again changes nothing."""
    inbound: Inbound = request.app.state.mail
    headers = {name.lower(): value for name, value in request.headers.items()}
    if not all(name in headers for name in SIGNED_BY):
        raise Problem(ProblemKind.CREDENTIALS_REFUSED)  # before megabytes of anybody are read
    body = await inbound.room.read(request)
    try:
        inbound.proof.verify(headers, body)
    except EventRefused as error:
        raise Problem(ProblemKind.CREDENTIALS_REFUSED) from error
    try:
        event = _Event.model_validate_json(body)
    except ValidationError as error:
        raise Problem(ProblemKind.INVALID_REQUEST) from error
    fate = await inbound.intake.take(event.raw)
    return {"fate": fate.value}
