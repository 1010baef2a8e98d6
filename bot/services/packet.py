"""Everything a person needs who takes a conversation over, from what was said and found."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from bot.domain.conversation import Author, Locale, Message
from bot.domain.errors import BotError
from bot.domain.knowledge import Evidence, Passage
from bot.domain.packet import Packet, Requester, SimilarTicket, UnusedPassage
from bot.domain.policy import Thresholds
from bot.ports import Prompts, Query, Retriever, Similarity
from bot.services.accounts import AccountQuestions
from bot.services.answering import Source
from bot.services.asks import MOST_ASKS, AskReader, Asks, cut
from bot.services.drafting import Adviser, not_shown, shown_sources
from bot.services.escalation import Case, transcript_of
from bot.services.grounding import Fallback
from bot.services.masking import Masker
from bot.services.similar_tickets import find_similar
from bot.services.situations import Prospect, situation_of
from bot.services.speech import hear
from bot.services.summarising import Summariser, Summary
from bot.services.understanding import QuestionReader
from bot.services.urgency import UrgencyDetector
from bot.services.weighing import Weigher

log = logging.getLogger(__name__)

ACT = "packet"
ARTICLES, PASSAGES_PER_ARTICLE = 6, 4  # looked up for what is still open
MOST_UNUSED = 4
LEAST_SHARE = 0.0005  # of the best passage's score; what has less only shares words with the ask
EXCERPT_CHARACTERS = 240


@dataclass(frozen=True, slots=True)
class Library:
    """Where what is still open is looked up once more, when the last turn did not."""

    retriever: Retriever
    reader: QuestionReader = field(default_factory=QuestionReader)
    weigher: Weigher = field(default_factory=Weigher)

    async def search(self, ask: str, locale: Locale) -> Evidence | None:
        try:
            understanding = await self.reader.understand(ask, (), locale, locale)
            query = Query.of(
                understanding,
                limit=ARTICLES,
                passages_per_article=PASSAGES_PER_ARTICLE,
                whole_sections=True,
            )
            return self.weigher.weigh(await self.retriever.search(query))
        except BotError as error:
            log.warning("packet without passages: %s", error)
            return None


class PacketBuilder:
    def __init__(
        self,
        prompts: Prompts,
        similarity: Similarity | None = None,
        library: Library | None = None,
        summariser: Summariser | None = None,
        *,
        masked: bool = True,
        thresholds: Thresholds | None = None,
    ) -> None:
        """Without `similarity` no earlier tickets are found; without `library` a draft quotes only
        what the turn itself brought. `summariser`: where a chat model is configured."""
        self._prompts = prompts
        self._similarity = similarity
        self._library = library
        self._summariser = summariser
        self._masked = masked
        self._answerable = (thresholds or Thresholds()).answer
        self._reader, self._plain_reader = AskReader(similarity), AskReader()
        self._urgencies = UrgencyDetector.load()
        self._accounts = AccountQuestions.load()
        self._adviser = Adviser(prompts)

    def load(self) -> None:
        """Blocks while it reads the models; raises ModelUnavailable."""
        if self._library is not None:
            self._library.reader.load()
        if self._similarity is not None:
            self._similarity.compare(["loaded"], ["loaded"])

    async def build(self, case: Case) -> Packet:
        asks = await asyncio.to_thread(self._read, case)
        evidence = await self._evidence(case, asks.main)
        summary, model = await self._summarise(case, asks)
        similar = await asyncio.to_thread(self._similar, case, asks.main)
        masker = Masker.speaking(self._prompts, case.occasion.locale) if self._masked else None
        mask = masker.mask if masker else str
        packet = self._assemble(case, asks.main, evidence, mask)
        packet = replace(
            packet,
            summary=summary.text or self._prompts.text(ACT, case.occasion.locale, "no_ask"),
            asks=summary.asks,
            similar=similar,
            summarised_by=model,
        )
        return await asyncio.to_thread(masker.mask_packet, packet) if masker else packet

    def _assemble(
        self, case: Case, ask: str, evidence: Evidence | None, mask: Callable[[str], str]
    ) -> Packet:
        """Not masked yet, but for the words that stand beside those of articles."""
        shown = shown_sources(case)
        answerable = evidence is not None and evidence.answerability >= self._answerable
        fresh = not_shown(evidence, shown) if evidence is not None and answerable else None
        needs_account = self._accounts.kind(ask) is not None
        prospect = Prospect(ask, needs_account, answerable, fresh is not None)
        advice = self._adviser.advise(case, situation_of(case, prospect), mask(ask), fresh)
        used = shown | {(cited.path, cited.anchor) for cited in advice.draft.citations}
        return Packet(
            requester=Requester.of(case.customer, case.conversation.address),
            locale=case.occasion.locale,
            channel=case.conversation.channel,
            reason=case.occasion.reason,
            summary=ask,
            page=case.conversation.page,
            transcript=transcript_of(case),
            unused=_unused(evidence, used) if evidence is not None else (),
            next_step=advice.next_step,
            draft=advice.draft,
        )

    def _read(self, case: Case) -> Asks:
        course = case.conversation.course(case.messages)
        try:
            asks = self._reader.read(course)
        except BotError as error:
            log.warning("asks compared by their words alone: %s", error)
            asks = self._plain_reader.read(course)
        return asks if case.occasion.urgency is None else self._pressing(asks, course)

    def _pressing(self, asks: Asks, course: Sequence[Message]) -> Asks:
        """With what cannot wait in front, which people report and do not ask."""
        told = [message.text for message in course if message.author is Author.CUSTOMER]
        urgent = next((cut(text) for text in reversed(told) if self._is_urgent(text)), "")
        if not urgent or self._is_urgent(asks.main):
            return asks
        return Asks(urgent, (*asks.open, urgent)[-MOST_ASKS:])

    def _is_urgent(self, text: str) -> bool:
        return self._urgencies.kind(hear(text).spoken) is not None

    async def _evidence(self, case: Case, ask: str) -> Evidence | None:
        """About what is wanted, which a complaint or a request for a person does not name."""
        occasion = case.occasion
        if not ask or self._library is None or occasion.question == ask:
            return occasion.evidence
        return await self._library.search(ask, occasion.locale) or occasion.evidence

    async def _summarise(self, case: Case, asks: Asks) -> tuple[Summary, str | None]:
        """The customer's own words, unless a chat model's keep to them."""
        own = Summary(asks.main, asks.open)
        if self._summariser is None or not asks.main:
            return own, None
        course = case.conversation.course(case.messages)
        summary = await self._summariser.summarise(course, case.occasion.locale)
        if isinstance(summary, Fallback):
            log.info("summary extracted: %s", summary.value)
            return own, None
        return summary, self._summariser.model

    def _similar(self, case: Case, ask: str) -> tuple[SimilarTicket, ...]:
        if self._similarity is None:
            return ()
        try:
            return find_similar(ask, case.resolved, case.conversation.id, self._similarity)
        except BotError as error:
            log.warning("packet without similar tickets: %s", error)
            return ()


def _unused(evidence: Evidence, used: frozenset[Source]) -> tuple[UnusedPassage, ...]:
    """The best passage of each article that nobody has cited yet."""
    best: dict[str, Passage] = {}
    paths = {path for path, _ in used}
    least = LEAST_SHARE * max((passage.score for passage in evidence.passages), default=0.0)
    for passage in evidence.passages:
        if (passage.path, passage.anchor) not in used and passage.score >= least:
            best.setdefault(passage.path, passage)
    ordered = sorted(best.values(), key=lambda p: (p.path in paths, -p.score))
    return tuple(
        UnusedPassage(
            path=passage.path,
            anchor=passage.anchor,
            title=(passage.title, *passage.heading_path)[-1],
            excerpt=" ".join(passage.text.split())[:EXCERPT_CHARACTERS],
            score=passage.score,
        )
        for passage in ordered[:MOST_UNUSED]
    )
