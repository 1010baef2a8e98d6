"""A decision becomes what the bot says: one method for each kind of act."""

from bot.domain.conversation import Locale
from bot.domain.knowledge import Citation, Evidence
from bot.domain.policy import Decision
from bot.domain.reply import (
    AbstainReason,
    Abstention,
    Act,
    Answer,
    DecisionKind,
    Handoff,
    HandoffReason,
    Silence,
    SmallTalk,
)
from bot.domain.understanding import Intent, Understanding
from bot.ports import Prompts
from bot.services.answering import cite, extractive_answer

CLOSEST = 3  # articles named when none answers

SMALL_TALK = {
    Intent.GREETING: "greeting_reply",
    Intent.THANKS: "thanks",
    Intent.FAREWELL: "farewell",
    Intent.ABOUT_BOT: "about_bot",
    Intent.EMPTY: "empty",
}


class Actor:
    def __init__(self, prompts: Prompts, contact: str) -> None:
        """`contact`: how a person is reached; empty when the operator has set none."""
        self._prompts = prompts
        self._contact = contact

    async def act(
        self, decision: Decision, understanding: Understanding, evidence: Evidence | None
    ) -> Act:
        match decision.kind:
            case DecisionKind.ANSWER if evidence is not None:
                return self._answer(understanding, evidence)
            case DecisionKind.HANDOFF:
                return self._refer_to_person(understanding.locale)
            case DecisionKind.SMALLTALK:
                return self._make_small_talk(understanding)
            case DecisionKind.SILENT:
                return Silence()
            case _:
                return self._abstain(decision, understanding, evidence)

    def apologise(self, understanding: Understanding) -> Act:
        """Something is down: say so, and how a person is reached when that is known."""
        locale = understanding.locale
        text = self._prompts.text("error", locale, "knowledge_base")
        if self._contact:
            contact = self._prompts.text("person", locale, "with_contact", contact=self._contact)
            text = f"{text}\n\n{contact}"
        return Abstention(text, AbstainReason.NO_SOURCE)

    def suggestions(self, act: Act) -> tuple[str, ...]:
        """What the customer may want to ask next: the titles of the closest articles."""
        if not isinstance(act, Abstention):
            return ()
        return tuple(dict.fromkeys(citation.title for citation in act.citations))

    def _answer(self, understanding: Understanding, evidence: Evidence) -> Answer:
        locale = understanding.locale
        answer = extractive_answer(evidence)
        lines = []
        if understanding.foreign:
            lines.append(self._prompts.text("answer", locale, "foreign"))
        source = evidence.passages[0]
        if source.locale is not locale:
            title = source.title
            lines.append(self._prompts.text("answer", locale, "other_language", title=title))
        return Answer("\n\n".join([*lines, answer.text]), answer.citations)

    def _abstain(
        self, decision: Decision, understanding: Understanding, evidence: Evidence | None
    ) -> Abstention:
        reason = decision.reason
        if not isinstance(reason, AbstainReason):
            reason = AbstainReason.NO_SOURCE
        text = self._prompts.text("abstain", understanding.locale, reason.value)
        closest = _closest(evidence) if reason is AbstainReason.WEAK_SOURCE and evidence else ()
        lines = [f"- {citation.title} [{citation.n}]" for citation in closest]
        return Abstention("\n\n".join([text, "\n".join(lines)]).strip(), reason, closest)

    def _refer_to_person(self, locale: Locale) -> Handoff:
        """Until a desk exists nobody is promised: the text names the contact, or says there is none."""
        if self._contact:
            text = self._prompts.text("person", locale, "with_contact", contact=self._contact)
        else:
            text = self._prompts.text("person", locale, "without_contact")
        return Handoff(text, HandoffReason.ASKED_FOR_HUMAN)

    def _make_small_talk(self, understanding: Understanding) -> SmallTalk:
        name = SMALL_TALK[understanding.intent]
        return SmallTalk(
            self._prompts.text("smalltalk", understanding.locale, name, seed=understanding.text)
        )


def _closest(evidence: Evidence) -> tuple[Citation, ...]:
    """One citation an article, best first."""
    articles = {passage.path: passage for passage in reversed(evidence.passages)}
    closest = [passage for passage in evidence.passages if articles[passage.path] is passage]
    sources = [(passage, _gist(passage.text)) for passage in closest[:CLOSEST]]
    return cite(sources)


def _gist(markdown: str) -> str:
    return " ".join(markdown.split())
