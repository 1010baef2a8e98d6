"""The real parts of a bot with an eye on them: what was found and how a turn came about."""

from contextvars import ContextVar

from bot.adapters.memory_store import MemoryStore
from bot.domain.knowledge import ArticleImage, ArticlePage, Evidence
from bot.domain.reply import Reply
from bot.ports import Escalation, IndexStatus, Query, Retriever, TurnTrace

# A turn runs in a task of its own, which inherits the list of whoever submitted it.
seen: ContextVar[list[Evidence]] = ContextVar("seen")


class ObservedRetriever:
    def __init__(self, retriever: Retriever) -> None:
        self._retriever = retriever

    async def search(self, query: Query) -> Evidence:
        evidence = await self._retriever.search(query)
        seen.get().append(evidence)
        return evidence

    async def article(self, path: str) -> ArticlePage | None:
        return await self._retriever.article(path)

    async def image(self, name: str) -> ArticleImage | None:
        return await self._retriever.image(name)

    async def refresh(self) -> IndexStatus:
        return await self._retriever.refresh()

    async def watch(self) -> None:
        await self._retriever.watch()

    def status(self) -> IndexStatus:
        return self._retriever.status()


class ObservedStore(MemoryStore):
    def __init__(self) -> None:
        super().__init__()
        self.traces: dict[str, TurnTrace] = {}  # by the id of the customer's message

    async def finish(
        self,
        message_id: str,
        worker: str,
        reply: Reply,
        trace: TurnTrace,
        escalation: Escalation | None = None,
    ) -> Reply | None:
        self.traces[message_id] = trace
        return await super().finish(message_id, worker, reply, trace, escalation)
