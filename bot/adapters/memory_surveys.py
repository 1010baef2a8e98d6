"""Surveys of the store that keeps nothing."""

from collections.abc import Sequence

from bot.adapters.storable_text import check_storable
from bot.domain.conversation import Conversation
from bot.domain.errors import StoreError
from bot.domain.survey import Survey, SurveyAnswer


class MemorySurveys:
    _conversations: dict[str, Conversation]

    def __init__(self) -> None:
        self._surveys: dict[tuple[str, int], Survey] = {}  # by conversation and escalation

    async def survey(self, conversation_id: str, escalation: int) -> Survey | None:
        return self._surveys.get((conversation_id, escalation))

    async def add_survey(self, survey: Survey) -> None:
        check_storable(survey.comment)
        if survey.conversation not in self._conversations:
            raise StoreError(f"there is no conversation {survey.conversation}")
        self._surveys.setdefault((survey.conversation, survey.escalation), survey)

    async def answer_survey(
        self, conversation_id: str, escalation: int, answer: SurveyAnswer
    ) -> bool:
        check_storable(answer.comment)
        asked = self._surveys.get((conversation_id, escalation))
        if asked is None or asked.closed_at is not None:
            return False
        self._surveys[conversation_id, escalation] = asked.answered(answer)
        return True

    async def surveys_of(self, conversation_id: str) -> Sequence[Survey]:
        found = [one for one in self._surveys.values() if one.conversation == conversation_id]
        return sorted(found, key=lambda survey: survey.escalation)

    async def surveys_by(self, customer_id: str) -> Sequence[Survey]:
        found = [one for one in self._surveys.values() if one.customer == customer_id]
        return sorted(found, key=lambda survey: survey.asked_at)
