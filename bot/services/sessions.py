"""Who may speak in a conversation: whoever holds its token, and a customer who proves to be one."""

import hmac
import re
import secrets
from dataclasses import dataclass, replace
from hashlib import sha256

from bot.domain.conversation import Conversation
from bot.domain.customer import Customer, IdentityRefused, RefusalReason
from bot.ports import IdentityVerifier, Store

_ID = re.compile("[0-9a-f]{32}")
_NO_DIGEST = "0" * 64
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Session:
    """The token is told once; only its digest is kept."""

    conversation: Conversation
    token: str


class Sessions:
    def __init__(self, store: Store, verifier: IdentityVerifier | None) -> None:
        """Without a verifier every identity is refused."""
        self._store = store
        self._verifier = verifier

    async def start(self, conversation: Conversation, identity: str | None = None) -> Session:
        """Of a visitor, or of the customer whom `identity` proves; raises IdentityRefused."""
        customer = self._verify(identity) if identity is not None else None
        token = _new_token()
        conversation = replace(conversation, token_digest=digest(token))
        if customer is not None:
            await self._store.save_customer(customer)
            conversation = replace(
                conversation, customer=customer.id, locale=conversation.locale or customer.locale
            )
        await self._store.add_conversation(conversation)
        return Session(conversation, token)

    async def open(self, conversation_id: str, token: str) -> Conversation | None:
        """The conversation the token opens; unknown ids and wrong tokens look the same."""
        known = _ID.fullmatch(conversation_id) is not None
        conversation = await self._store.conversation(conversation_id) if known else None
        expected = (conversation and conversation.token_digest) or _NO_DIGEST
        # Compared even where there is nothing to compare with, so that both take the same time.
        return conversation if hmac.compare_digest(digest(token), expected) else None

    async def identify(self, conversation: Conversation, identity: str) -> Session | None:
        """The customer takes the conversation over, and its former token dies.

        None where it belongs to another customer or where another identify was faster; raises
        IdentityRefused.
        """
        customer = self._verify(identity)
        token = _new_token()
        taken = await self._store.identify(conversation, customer, digest(token))
        if not taken:
            return None
        known = replace(conversation, customer=customer.id, token_digest=digest(token))
        return Session(known, token)

    async def current(self, conversation: Conversation) -> Conversation | None:
        """As it is now; None when the token it was opened with opens it no more."""
        found = await self._store.conversation(conversation.id)
        if found is None or found.token_digest != conversation.token_digest:
            return None
        return found

    def _verify(self, identity: str) -> Customer:
        if self._verifier is None:
            raise IdentityRefused(RefusalReason.NOT_CONFIGURED)
        return self._verifier.verify(identity)


def digest(token: str) -> str:
    return sha256(token.encode(errors="replace")).hexdigest()


def _new_token() -> str:
    return secrets.token_urlsafe(_TOKEN_BYTES)
