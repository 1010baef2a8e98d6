"""The real bot over cases: an index for each knowledge base, then every case as a turn."""

import asyncio
import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.adapters.space_similarity import SpaceSimilarity
from bot.bootstrap import Bot, build
from bot.domain.conversation import Author, Conversation, Locale, Message, new_id
from bot.domain.errors import KnowledgeBaseUnavailable
from bot.domain.knowledge import Evidence
from bot.domain.reply import Clarification, Reply
from bot.ports import Query, TurnTrace
from bot.services.retrieval import ARTICLES, PASSAGES_PER_ARTICLE
from bot.settings import Settings
from bot.wiring.models import build_retriever, build_spaces
from evals import texts, trials
from evals.cases import Case, Collection
from evals.judge import Judge
from evals.observation import ObservedRetriever, ObservedStore, seen
from evals.own_words import OwnWords
from evals.parallel import translations_below
from evals.records import Cited, Found, Record
from ingest.embedding.catalogue import multilingual
from ingest.pipeline import ingest
from ingest.publishing import SnapshotIndex

log = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]

DEPTH = 10  # articles a ranking goes down to
CONCURRENT = 4
TIMED = 100  # turns made one at a time, at most
WARM_UP = 3
EXCERPT_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Library:
    """A knowledge base that was ingested: where its index is and what stands in it."""

    index: Path
    locales: dict[str, Locale]  # of each article, by path
    card: dict[str, Any]  # snapshot, its hash and its models

    @property
    def main_locale(self) -> Locale:
        return Counter(self.locales.values()).most_common(1)[0][0]

    def pair(self, case: Case) -> str:
        """The question's language and the articles': its own, where a relevant one has it."""
        known = {self.locales[path] for path in case.relevant if path in self.locales}
        if not known:
            known = {self.main_locale}
        return f"{case.locale}-{case.locale if case.locale in known else case.locale.other}"


class Librarian:
    """Ingests each folder once."""

    def __init__(self, settings: Settings, work: Path, progress: Progress) -> None:
        self._spaces = build_spaces(settings)
        self._work = work
        self._progress = progress
        self._libraries: dict[Path, Library] = {}

    def library(self, folder: Path) -> Library:
        """Raises IngestError."""
        if folder not in self._libraries:
            self._libraries[folder] = self._ingest(folder)
        return self._libraries[folder]

    def _ingest(self, folder: Path) -> Library:
        name = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
        index = self._work / f"index-{name}"
        snapshots = SnapshotIndex(index)
        ingest(folder, snapshots, self._spaces, progress=self._progress)
        snapshot = snapshots.load()
        manifest = snapshot.manifest
        return Library(
            index,
            {chunk.path: Locale(chunk.locale) for chunk in snapshot.chunks},
            {
                "snapshot": manifest.id,
                "sha256": hashlib.sha256(manifest.as_text().encode()).hexdigest(),
                "articles": manifest.articles,
                "chunks": manifest.chunks,
                "models": {space.model: space.sha256 for space in manifest.spaces},
            },
        )


class Examiner:
    """Puts the cases of one collection to a bot of their own."""

    def __init__(
        self, collection: Collection, library: Library, settings: Settings, judge: Judge | None
    ) -> None:
        settings = settings.model_copy(update={"index_folder": library.index})
        self._collection = collection
        self._library = library
        self._judge = judge
        self._words = OwnWords(settings.prompts)
        self._translations = translations_below(collection.folder)
        self._similarity = SpaceSimilarity(multilingual())
        self._store = ObservedStore()
        self._retriever = ObservedRetriever(build_retriever(settings))
        self._bot: Bot = build(settings, store=self._store, retriever=self._retriever)

    async def examine(
        self, progress: Progress, *, timed: bool, on_trial: bool = False
    ) -> list[Record]:
        """A record a case, in their order; raises KnowledgeBaseUnavailable without an index."""
        cases = self._collection.cases
        status = await self._retriever.refresh()
        if status.snapshot is None:
            raise KnowledgeBaseUnavailable(status.refused or "no index")
        alone = _spread(cases, TIMED) if timed else set()
        for case in cases[:WARM_UP] if timed else ():
            await self._record(case)
        records: dict[str, Record] = {}
        places = asyncio.Semaphore(CONCURRENT)

        async def work(case: Case) -> None:
            async with places:
                record = await self._record(case, on_trial=on_trial)
            records[case.id] = replace(record, timed=case.id in alone)
            progress(self._collection.name, len(records), len(cases))

        for case in cases:
            if case.id in alone:
                await work(case)
        async with asyncio.TaskGroup() as group:
            for case in cases:
                if case.id not in alone:
                    group.create_task(work(case))
        await self._bot.turns.close()
        return [records[case.id] for case in cases]

    async def _record(self, case: Case, *, on_trial: bool = False) -> Record:
        record = _asked(self._collection, case, self._library.pair(case))
        try:
            record = await self._answered(case, await self._searched(case, record))
            return await self._tried(case, record) if on_trial and record.relevant else record
        except Exception as error:
            # One case that fails is a finding, not the end of the run.
            log.exception("case %s", record.key)
            return replace(record, decision="error", error=type(error).__name__)

    async def _searched(self, case: Case, record: Record) -> Record:
        seen.set([])
        result = await self._bot.searcher.search(
            case.query, DEPTH, case.locale, history=case.history
        )
        return replace(
            record,
            standalone=result.standalone_query,
            answerability=None,
            found=tuple(
                Found(
                    passage.path,
                    passage.anchor,
                    passage.title,
                    round(passage.score, 4),
                    " ".join(passage.text.split())[:EXCERPT_CHARACTERS],
                )
                for passage in result.evidence.passages
            ),
        )

    async def _tried(self, case: Case, record: Record) -> Record:
        """With what the grounding check refused of answers made from what a turn would see."""
        query = Query(
            text=record.standalone or case.query,
            locale=case.locale,
            limit=ARTICLES,
            passages_per_article=PASSAGES_PER_ARTICLE,
            whole_sections=True,
        )
        seen.set([])
        evidence = await self._retriever.search(query)
        blocked = await asyncio.to_thread(
            trials.blocked, evidence.passages, record.key, self._translations, self._similarity
        )
        return replace(record, blocked=blocked)

    async def _answered(self, case: Case, record: Record) -> Record:
        evidence: list[Evidence] = []
        seen.set(evidence)
        conversation = Conversation("eval", locale=case.locale)
        await self._store.add_conversation(conversation)
        for turn in case.history:
            await self._store.add_message(replace(turn, conversation=conversation.id, id=new_id()))
        message = Message(conversation.id, Author.CUSTOMER, case.query)
        reply = await (await self._bot.turns.submit(message)).result()
        trace = self._store.traces.pop(message.id)
        record = _replied(record, reply, trace)
        record = self._inspected(record, reply, evidence)
        if self._judge is None or not record.is_answered:
            return record
        sources = [passage.text for found in evidence for passage in found.passages]
        return replace(record, judged=await self._judge.judge(case.query, reply.text, sources))

    def _inspected(self, record: Record, reply: Reply, evidence: Sequence[Evidence]) -> Record:
        passages = [passage for found in evidence for passage in found.passages]
        sources = [" ".join((p.title, *p.heading_path)) for p in passages]
        sources += [passage.text for passage in passages]
        quoted = self._words.quoted(reply.text, reply.locale)
        verbatim = record.model is None
        return replace(
            record,
            frame=self._words.frame(reply.text, reply.locale) if record.is_answered else "",
            ungrounded=texts.ungrounded(quoted, sources, verbatim=verbatim)
            if record.is_answered
            else (),
            leaks=texts.leaks(reply.text, self._words.orders),
            stray_links=texts.stray_links(reply.text, [c.url for c in reply.citations], sources),
        )


def _asked(collection: Collection, case: Case, pair: str) -> Record:
    return Record(
        dataset=collection.dataset or collection.name,
        collection=collection.name,
        id=case.id,
        locale=case.locale.value,
        pair=pair,
        query=case.query,
        history=tuple((_role(turn), turn.text) for turn in case.history),
        relevant=case.relevant,
        answer_span=case.answer_span,
        answerable=case.answerable,
        kind=case.kind,
        ambiguous=case.ambiguous,
        hints=case.options,
        attack=case.attack,
    )


def _role(message: Message) -> str:
    return "user" if message.author is Author.CUSTOMER else "bot"


def _replied(record: Record, reply: Reply, trace: TurnTrace) -> Record:
    return replace(
        record,
        decision=reply.decision.value,
        reason=trace.reason,
        text=reply.text,
        reply_locale=reply.locale.value,
        citations=tuple(Cited(c.path, c.anchor, c.url) for c in reply.citations),
        options=reply.act.options if isinstance(reply.act, Clarification) else (),
        answerability=trace.answerability,
        model=trace.model,
        stage_ms={stage: round(ms, 3) for stage, ms in trace.stage_ms.items()},
        latency_ms=round(reply.latency_ms, 3),
    )


def _spread(cases: Sequence[Case], wanted: int) -> set[str]:
    """The ids of so many cases, taken evenly."""
    step = max(len(cases) // wanted, 1)
    return {case.id for case in cases[::step][:wanted]}
