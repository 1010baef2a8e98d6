"""What the routes about tickets take."""

from typing import Annotated

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from bot.domain.text import replace_unstorable
from bot.domain.ticket import Priority


def _clean(value: object) -> object:
    return replace_unstorable(value) if isinstance(value, str) else value


Clean = BeforeValidator(_clean)
Id = Annotated[str, StringConstraints(pattern="^[0-9a-f]{32}$")]
Said = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000), Clean
]
Remark = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000), Clean]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class EmptyRequest(_Body):
    pass


class ReplayRequest(_Body):
    """Of an event; its key may hold anything."""

    channel: Annotated[str, StringConstraints(max_length=100), Clean]
    key: Annotated[str, StringConstraints(max_length=2000), Clean]


class AssignRequest(_Body):
    agent: Id | None


ClientMessageId = Annotated[str, StringConstraints(pattern=r"^[\w-]{1,64}$")]


class ReplyRequest(_Body):
    text: Said
    client_message_id: ClientMessageId
    resolve: bool = False


class NoteRequest(_Body):
    text: Said
    client_message_id: ClientMessageId | None = None


class SnoozeRequest(_Body):
    until: AwareDatetime


class PrioritiseRequest(_Body):
    priority: Priority


class MergeRequest(_Body):
    into: Id
    to_both_addresses: bool = False


class WrongRequest(_Body):
    message: Id
    expected: Remark = ""
    comment: Remark = ""


Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40), Clean]
Labels = Annotated[list[Label], Field(max_length=20)]


class LabelsRequest(_Body):
    add: Labels = []
    remove: Labels = []
