"""What an agent may do next and begin a reply with; says nothing that no article and no prompt
says."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.conversation import Locale
from bot.domain.knowledge import Evidence, Passage
from bot.domain.packet import Draft
from bot.domain.reply import Answer, HandoffReason
from bot.domain.understanding import ToneLabel
from bot.ports import Prompts
from bot.services.answering import Source, compose, source_of
from bot.services.escalation import Case
from bot.services.situations import Situation

ACT = "packet"
FRESH = 0.5  # share of the best passage's score that one which was not shown yet must reach
ABOUT_CHARACTERS = 120  # of an ask that is put to the customer again
_TITLES = {Locale.EN: ("“{}”", ", "), Locale.ZH: ("《{}》", "、")}
# What an agent says they will do, by situation; in the others the same.
DEEDS = (
    Situation.OUTAGE,
    Situation.DATA_LOSS,
    Situation.SECURITY,
    Situation.BILLING,
    Situation.LEGAL,
    Situation.LOCKOUT,
    Situation.ACCOUNT,
    Situation.NO_ASK,
    "default",
)


@dataclass(frozen=True, slots=True)
class Advice:
    next_step: str
    draft: Draft


class Adviser:
    def __init__(self, prompts: Prompts) -> None:
        self._prompts = prompts

    def advise(
        self, case: Case, situation: Situation, ask: str, evidence: Evidence | None
    ) -> Advice:
        """`evidence`: what answers the ask, nothing of it shown before; None where nothing does."""
        next_step = self._next_step(case, situation, ask)
        return Advice(next_step, self._draft(case, situation, ask, evidence))

    def _next_step(self, case: Case, situation: Situation, ask: str) -> str:
        locale = case.occasion.locale
        lines = [self._text(locale, f"step_{situation}", ask=ask)]
        if tried := _titles_shown(case):
            quote, comma = _TITLES[locale]
            articles = comma.join(map(quote.format, tried))
            lines.append(self._text(locale, "tried", articles=articles))
        private = situation in (Situation.ACCOUNT, Situation.BILLING, Situation.LOCKOUT)
        if private and case.customer is None:
            lines.append(self._text(locale, "unverified"))
        return "\n".join(lines)

    def _draft(
        self, case: Case, situation: Situation, ask: str, evidence: Evidence | None
    ) -> Draft:
        locale, seed = case.occasion.locale, case.conversation.id
        opening = self._text(locale, f"open_{_opening(case, situation)}", seed=seed)
        if evidence is not None and situation.may_quote:
            text, citations = compose(evidence, ask)
            first = evidence.passages[0]
            lead = ""
            if first.locale is not locale:
                lead = self._text(locale, "other_language", title=citations[0].title)
            parts = (opening, lead, text, self._text(locale, "close"))
            return Draft("\n\n".join(filter(None, parts)), citations)
        deed = situation if situation in DEEDS else "default"
        about = ask if 0 < len(ask) <= ABOUT_CHARACTERS else ""
        matter = self._text(locale, "about", ask=about) if about else ""
        return Draft("\n\n".join(filter(None, (opening, matter, self._text(locale, f"do_{deed}")))))

    def _text(self, locale: Locale, name: str, **values: str) -> str:
        return self._prompts.text(ACT, locale, name, **values)


def _opening(case: Case, situation: Situation) -> str:
    """Which one fits: no comfort for somebody calm who only asked for a person."""
    tone, reason = case.occasion.tone.label, case.occasion.reason
    if tone is ToneLabel.ANGRY:
        return "angry"
    if reason is HandoffReason.URGENT or situation in (Situation.OUTAGE, Situation.DATA_LOSS):
        return "urgent"
    if tone is ToneLabel.FRUSTRATED or reason is HandoffReason.FRUSTRATED:
        return "frustrated"
    return "failed" if reason is HandoffReason.REPEATED_FAILURE else "calm"


def shown_sources(case: Case) -> frozenset[Source]:
    """What the bot's answers cited since the conversation was handed back last."""
    return frozenset(
        (citation.path, citation.anchor)
        for answer in _answers(case)
        for citation in answer.citations
    )


def not_shown(evidence: Evidence, shown: frozenset[Source]) -> Evidence | None:
    """What is left to say that is about as good as the best; None where there is nothing.

    Once an article did not help, its next best section answers another question."""
    best = max((passage.score for passage in evidence.passages), default=0.0)
    likely = [
        passage
        for passage in evidence.passages
        if not shown or (source_of(passage) not in shown and passage.score >= FRESH * best)
    ]
    return replace(evidence, passages=_readable(likely)) if likely else None


def _readable(passages: Sequence[Passage]) -> tuple[Passage, ...]:
    return tuple(sorted(passages, key=lambda passage: -passage.score))


def _titles_shown(case: Case) -> list[str]:
    titles = (citation.title for answer in _answers(case) for citation in answer.citations)
    return list(dict.fromkeys(titles))


def _answers(case: Case) -> list[Answer]:
    replies = map(case.replies.get, (m.id for m in case.conversation.course(case.messages)))
    return [reply.act for reply in replies if reply is not None and isinstance(reply.act, Answer)]
