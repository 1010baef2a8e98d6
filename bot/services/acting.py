"""A decision becomes what the bot says: one method for each kind of act."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.domain.conversation import Locale
from bot.domain.knowledge import Citation, Evidence, Passage
from bot.domain.policy import MOST_OPTIONS, RIVAL_SHARE, Decision
from bot.domain.reply import (
    AbstainReason,
    Abstention,
    Act,
    Answer,
    Clarification,
    DecisionKind,
    Handoff,
    HandoffReason,
    Silence,
    SmallTalk,
)
from bot.domain.text import join_sentences
from bot.domain.understanding import Intent, Understanding
from bot.ports import Prompts
from bot.services.answering import cite, extractive_answer, quote_both
from bot.services.clarifying import Clarifier
from bot.services.grounding import Fallback
from bot.services.markup import words_of
from bot.services.writing import Writer

CLOSEST = 3  # articles named when none answers
_WITH_READING = (
    AbstainReason.WEAK_SOURCE,
    AbstainReason.CONFLICTING_SOURCES,
    AbstainReason.STALE_SOURCE,
)

SMALL_TALK = {
    Intent.GREETING: "greeting_reply",
    Intent.THANKS: "thanks",
    Intent.FAREWELL: "farewell",
    Intent.ABOUT_BOT: "about_bot",
    Intent.EMPTY: "empty",
    Intent.COMPLAINT: "complaint",
}


@dataclass(frozen=True, slots=True)
class Performance:
    """An act, and whose words it uses."""

    act: Act
    model: str | None = None  # the chat model that wrote it
    fallback: Fallback | None = None  # why the bot's own words stand instead of the model's


class Actor:
    def __init__(
        self,
        prompts: Prompts,
        contact: str,
        writer: Writer | None = None,
        clarifier: Clarifier | None = None,
    ) -> None:
        """`contact`: how a person is reached; empty when the operator has set none. `writer` and
        `clarifier`: where a chat model is configured."""
        self._prompts = prompts
        self._contact = contact
        self._writer = writer
        self._clarifier = clarifier

    async def act(
        self,
        decision: Decision,
        understanding: Understanding,
        evidence: Evidence | None,
        *,
        has_desk: bool = False,
    ) -> Performance:
        """`has_desk`: a person can be given the conversation."""
        match decision.kind:
            case DecisionKind.ANSWER if evidence is not None:
                return await self._answer(understanding, evidence)
            case DecisionKind.CLARIFY if evidence is not None:
                return await self._ask_back(understanding, evidence)
            case DecisionKind.HANDOFF:
                return Performance(self._refer_to_person(decision, understanding.locale))
            case DecisionKind.SMALLTALK:
                return Performance(self._make_small_talk(understanding))
            case DecisionKind.SILENT:
                return Performance(Silence())
            case _:
                return Performance(self._abstain(decision, understanding, evidence, has_desk))

    def offers_person(self, act: Act) -> bool:
        """Whether the words of the act do so."""
        return isinstance(act, Abstention) and act.reason is AbstainReason.NEEDS_ACCOUNT_DATA

    def apologise(self, understanding: Understanding, *, has_desk: bool = False) -> Act:
        """Something is down: say so, and how a person is reached when that is known and needs to be
        said."""
        locale = understanding.locale
        text = self._prompts.text("error", locale, "knowledge_base")
        if self._contact and not has_desk:
            contact = self._prompts.text("person", locale, "with_contact", contact=self._contact)
            text = f"{text}\n\n{contact}"
        return Abstention(self._introduced(understanding, text, "abstain"), AbstainReason.NO_SOURCE)

    def suggestions(self, act: Act) -> tuple[str, ...]:
        """What the customer may want to ask next: the titles of the closest articles."""
        if not isinstance(act, Abstention):
            return ()
        return tuple(dict.fromkeys(citation.title for citation in act.citations))

    async def _answer(self, understanding: Understanding, evidence: Evidence) -> Performance:
        """The extractive answer is always there; a chat model's stands only when it is grounded."""
        extractive = self._quote(understanding, evidence)
        if self._writer is None or evidence.conflict is not None:
            return Performance(extractive)
        written = await self._writer.write(understanding, evidence.passages)
        if isinstance(written, Fallback):
            return Performance(extractive, fallback=written)
        citations = cite([(passage, _gist(passage.text)) for passage in written.passages])
        text = self._noted(understanding, written.text, citations, evidence)
        answer = Answer.grounded(text, citations, evidence)
        return Performance(answer, model=self._writer.model)

    def _quote(self, understanding: Understanding, evidence: Evidence) -> Answer:
        conflict, question = evidence.conflict, understanding.question
        answer = quote_both(conflict) if conflict else extractive_answer(evidence, question)
        text = answer.text
        if conflict:
            line = self._prompts.text("answer", understanding.locale, "conflicting_sources")
            text = f"{line}\n\n{text}"
        if evidence.passages[0].locale is not understanding.locale:
            line = self._prompts.text(
                "answer", understanding.locale, "other_language", title=answer.citations[0].title
            )
            text = f"{line}\n\n{text}"
        text = self._noted(understanding, text, answer.citations, evidence)
        return Answer(text, answer.citations)

    def _noted(
        self,
        understanding: Understanding,
        text: str,
        citations: Sequence[Citation],
        evidence: Evidence,
    ) -> str:
        """An answer with what its reader should know about the sources before relying on them."""
        cited = {(c.path, c.anchor): c.n for c in citations}
        due: dict[date, set[int]] = {}
        for passage in filter(evidence.is_stale, evidence.passages):
            n = cited.get((passage.path, passage.anchor))
            if n is not None and passage.review_by is not None:
                due.setdefault(passage.review_by, set()).add(n)
        notes = [
            self._prompts.text(
                "answer",
                understanding.locale,
                "stale_source",
                sources="".join(f"[{n}]" for n in sorted(numbers)),
                date=day.isoformat(),
            )
            for day, numbers in sorted(due.items())
        ]
        return self._introduced(understanding, "\n\n".join([text, *notes]), "answer")

    def _introduced(self, understanding: Understanding, text: str, act: str) -> str:
        """Who wrote in a third language is told which ones the bot speaks."""
        if not understanding.foreign:
            return text
        return f"{self._prompts.text(act, understanding.locale, 'foreign')}\n\n{text}"

    def _abstain(
        self,
        decision: Decision,
        understanding: Understanding,
        evidence: Evidence | None,
        has_desk: bool,
    ) -> Abstention:
        locale, reason = understanding.locale, decision.reason
        if not isinstance(reason, AbstainReason):
            reason = AbstainReason.NO_SOURCE
        most = 1 if reason is AbstainReason.NEEDS_ACCOUNT_DATA else CLOSEST
        closest = _closest(evidence, locale)[:most] if evidence and decision.reading else []
        why = self._reason(reason, locale, bool(closest), has_desk)
        parts = [why, self._reading_list(closest, locale)]
        text = "\n\n".join(filter(None, parts))
        citations = cite([(passage, _gist(passage.text)) for passage in closest])
        return Abstention(self._introduced(understanding, text, "abstain"), reason, citations)

    def _reason(
        self, reason: AbstainReason, locale: Locale, has_reading: bool, has_desk: bool
    ) -> str:
        """Why there is no answer, then what leads to the reading where there is some."""
        if reason is AbstainReason.NEEDS_ACCOUNT_DATA:
            name = way_to_person(self._contact, has_desk)
            why = self._prompts.text("abstain", locale, reason.value)
            offer = self._prompts.text("abstain", locale, name, contact=self._contact)
            lead = self._prompts.text("abstain", locale, "reading") if has_reading else ""
            return "\n\n".join(filter(None, [join_sentences([why, offer]), lead]))
        if reason in _WITH_READING and not has_reading:
            reason = AbstainReason.NO_SOURCE
        return self._prompts.text("abstain", locale, reason.value)

    async def _ask_back(self, understanding: Understanding, evidence: Evidence) -> Performance:
        """Which of the articles that it could be about is meant; only the question back may be in
        a chat model's words."""
        locale = understanding.locale
        titles = (passage.title for passage in evidence.rivals(locale, RIVAL_SHARE))
        options = tuple(dict.fromkeys(titles))[:MOST_OPTIONS]
        question, model, fallback = "", None, None
        if self._clarifier is not None:
            question, fallback = await self._clarifier.ask(understanding, options)
            model = self._clarifier.model if question else None
        question = question or self._prompts.text("clarify", locale, "question")
        text = "\n".join([f"{question}\n", *(f"- {option}" for option in options)])
        return Performance(Clarification(text, question, options), model, fallback)

    def _reading_list(self, passages: Sequence[Passage], locale: Locale) -> str:
        """Numbered as `cite` numbers them; an article in the other language is marked."""
        titles = [
            passage.title
            if passage.locale is locale
            else self._prompts.text("abstain", locale, "other_language", title=passage.title)
            for passage in passages
        ]
        return "\n".join(f"- {title} [{n}]" for n, title in enumerate(titles, start=1))

    def _refer_to_person(self, decision: Decision, locale: Locale) -> Handoff:
        """Promises nobody: the text names the contact, or says that there is none."""
        reason = decision.reason
        if not isinstance(reason, HandoffReason):
            reason = HandoffReason.ASKED_FOR_HUMAN
        name = "with_contact" if self._contact else "without_contact"
        if reason is not HandoffReason.ASKED_FOR_HUMAN:
            name = f"needed_{name}"
        return Handoff(self._prompts.text("person", locale, name, contact=self._contact), reason)

    def _make_small_talk(self, understanding: Understanding) -> SmallTalk:
        name = SMALL_TALK[understanding.intent]
        return SmallTalk(
            self._prompts.text("smalltalk", understanding.locale, name, seed=understanding.text)
        )


def way_to_person(contact: str, has_desk: bool) -> str:
    """How the entries of the prompts that offer a person end."""
    if has_desk:
        return "with_desk"
    return "with_contact" if contact else "without_contact"


def _closest(evidence: Evidence, locale: Locale) -> list[Passage]:
    """One passage an article, best first; in the other language only when there is no choice."""
    readable = [passage for passage in evidence.passages if passage.locale is locale]
    articles: dict[str, Passage] = {}
    for passage in readable or evidence.passages:
        articles.setdefault(passage.path, passage)
    return list(articles.values())[:CLOSEST]


def _gist(markdown: str) -> str:
    return words_of(markdown) or " ".join(markdown.split())
