"""What a reply may be, and that its JSON form loses nothing."""

import json
from dataclasses import replace
from typing import get_args

import pytest

from bot.domain.conversation import Locale, Outcome
from bot.domain.knowledge import Citation, Evidence, Passage
from bot.domain.reply import (
    KIND_OF,
    OUTCOME_OF,
    AbstainReason,
    Abstention,
    Act,
    Answer,
    Clarification,
    DecisionKind,
    Handoff,
    HandoffReason,
    Reply,
    Silence,
    SmallTalk,
)
from bot.domain.understanding import Tone, ToneLabel

CITATION = Citation(
    n=1,
    path="zh/团队.md",
    anchor="创建",
    title="团队",
    url="/kb/zh/%E5%9B%A2%E9%98%9F.md#%E5%88%9B%E5%BB%BA",
    excerpt="打开**设置**。",
)
PASSAGE = Passage("zh/团队.md", 0, "创建", "团队", ("团队",), Locale.ZH, 1, 1.0, ())
EVIDENCE = Evidence((PASSAGE,), 0.9, "snapshot")

ACTS: dict[DecisionKind, list[Act]] = {
    DecisionKind.ANSWER: [Answer("打开设置 [1]。", (CITATION, replace(CITATION, n=2)))],
    DecisionKind.CLARIFY: [Clarification("Which one?\n1. A\n2. B", "Which one?", ("A", "B"))],
    DecisionKind.ABSTAIN: [
        *(Abstention("I do not know.", reason) for reason in AbstainReason),
        Abstention("Related:", AbstainReason.WEAK_SOURCE, (CITATION,)),
    ],
    DecisionKind.HANDOFF: [
        *(Handoff("Write to us.", reason) for reason in HandoffReason),
        Handoff("Soon.", HandoffReason.URGENT, "t" * 32, "FL-7", "2026-01-01T09:00:00Z"),
    ],
    DecisionKind.SMALLTALK: [SmallTalk("Hello!")],
    DecisionKind.SILENT: [Silence()],
}
EVERY_ACT = [act for acts in ACTS.values() for act in acts]


def carry(act: Act) -> Reply:
    return Reply(
        act=act,
        locale=Locale.ZH,
        tone=Tone(ToneLabel.ANGRY, 0.8125, ("caps", "threat")),
        wants_human=True,
        offer_human=True,
        suggestions=("如何创建团队？",),
        snapshot="20260101-000000",
        latency_ms=4.1,
        message=None if isinstance(act, Silence) else "b" * 32,
        conversation="c" * 32,
    )


def test_every_act_is_tried_here() -> None:
    assert {type(act) for act in EVERY_ACT} == set(get_args(Act)) == set(KIND_OF)
    assert set(OUTCOME_OF) == set(DecisionKind)


@pytest.mark.parametrize("act", EVERY_ACT)
def test_json_and_back_loses_nothing(act: Act) -> None:
    reply = carry(act)
    assert Reply.from_json(json.loads(json.dumps(reply.as_json()))) == reply


@pytest.mark.parametrize("act", EVERY_ACT)
def test_members_belong_to_their_own_decision(act: Act) -> None:
    data = carry(act).as_json()
    kind = DecisionKind(data["decision"])
    assert act in ACTS[kind]
    assert (data["handoff"] is not None) == (kind is DecisionKind.HANDOFF)
    assert (data["clarify"] is not None) == (kind is DecisionKind.CLARIFY)
    assert (data["abstain_reason"] is not None) == (kind is DecisionKind.ABSTAIN)


def test_the_reply_object_has_the_members_of_the_contract() -> None:
    assert Reply(Answer("Yes [1].", (CITATION,)), Locale.EN).as_json() == {
        "message": None,
        "conversation": None,
        "decision": "answer",
        "text": "Yes [1].",
        "locale": "en",
        "citations": [
            {
                "n": 1,
                "path": "zh/团队.md",
                "anchor": "创建",
                "title": "团队",
                "url": "/kb/zh/%E5%9B%A2%E9%98%9F.md#%E5%88%9B%E5%BB%BA",
                "excerpt": "打开**设置**。",
            }
        ],
        "tone": {"label": "calm", "score": 0.0, "reasons": []},
        "wants_human": False,
        "offer_human": False,
        "abstain_reason": None,
        "handoff": None,
        "clarify": None,
        "suggestions": [],
        "snapshot": None,
        "latency_ms": 0.0,
    }


def test_silence_names_no_message_for_there_is_none() -> None:
    reply = Reply(Silence(), Locale.EN, message="b" * 32, conversation="c" * 32)
    assert reply.as_json()["message"] is None
    assert reply.as_json()["conversation"] == "c" * 32


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        (DecisionKind.ANSWER, Outcome.ANSWERED),
        (DecisionKind.CLARIFY, Outcome.CLARIFIED),
        (DecisionKind.ABSTAIN, Outcome.ABSTAINED),
        (DecisionKind.HANDOFF, Outcome.HANDED_OFF),
        (DecisionKind.SMALLTALK, None),
        (DecisionKind.SILENT, None),
    ],
)
def test_a_reply_ends_a_turn_as_its_decision_says(
    kind: DecisionKind, outcome: Outcome | None
) -> None:
    assert [carry(act).outcome for act in ACTS[kind]] == [outcome] * len(ACTS[kind])


def test_only_answers_and_abstentions_cite() -> None:
    citing = {type(act) for act in EVERY_ACT if carry(act).citations}
    assert citing == {Answer, Abstention}


def test_no_answer_without_a_citation() -> None:
    with pytest.raises(ValueError, match="an answer needs a citation"):
        Answer("Trust me.", ())
    with pytest.raises(ValueError, match="an answer needs a citation"):
        Answer.grounded("Trust me.", (), EVIDENCE)


@pytest.mark.parametrize(
    "stray",
    [
        replace(CITATION, path="en/teams.md"),
        replace(CITATION, anchor="delete"),
        replace(CITATION, anchor=None),
    ],
)
def test_no_answer_from_outside_of_its_evidence(stray: Citation) -> None:
    with pytest.raises(ValueError, match="citation outside of the evidence"):
        Answer.grounded("Yes [1][2].", (CITATION, stray), EVIDENCE)


def test_an_answer_from_its_evidence_stands() -> None:
    assert Answer.grounded("Yes [1].", (CITATION,), EVIDENCE) == Answer("Yes [1].", (CITATION,))
