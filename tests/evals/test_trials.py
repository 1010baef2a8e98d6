from bot.domain.knowledge import Block, Sentence
from evals.trials import FAITHFUL, blocked, translated, trials
from tests.services.passages import Passage, passage


def paragraph(path: str, *sentences: str) -> Passage:
    block = Block("paragraph", " ".join(sentences), tuple(Sentence(s, 0.5) for s in sentences))
    found = passage(block.markdown, path=path, title=path)
    return Passage(
        **{name: getattr(found, name) for name in found.__slots__} | {"blocks": (block,)}
    )


BOARDS = paragraph("boards", "A board can show the tasks of 3 sprints.", "Why is that so?")
BILL = "An invoice is sent to the owner of the contract every month."
BILLS = paragraph("bills", BILL)


def test_answers_cite_what_they_were_made_from_or_wrongly_another() -> None:
    made = list(trials((BOARDS, BILLS), (), "seed"))
    texts = {(trial.kind, trial.text) for trial in made}
    assert (f"{FAITHFUL}: verbatim", "A board can show the tasks of 3 sprints [1].") in texts
    assert ("citation", "A board can show the tasks of 3 sprints [2].") in texts
    assert ("negation added", "A board cannot show the tasks of 3 sprints [1].") in texts
    assert not any("Why" in trial.text for trial in made)
    assert made == list(trials((BOARDS, BILLS), (), "seed"))


def test_shares_are_of_what_was_refused() -> None:
    shares = blocked((BOARDS, BILLS), "seed")
    assert shares[f"en {FAITHFUL}"] == 0
    assert shares["en number"] == shares["en foreign"] == shares["en citation"] == 1


def test_translated_answers_are_tried_over_their_source() -> None:
    translations = {
        "A board can show the tasks of 3 sprints.": "看板可以显示 3 个迭代的任务。",
        BILL: "每个月向所有者发送一次发票。",
    }
    made = {(trial.kind, trial.text) for trial in translated((BOARDS, BILLS), translations, "seed")}
    assert (f"{FAITHFUL}: translated", "看板可以显示 3 个迭代的任务 [1]。") in made
    assert ("negation added", "看板不可以显示 3 个迭代的任务 [1]。") in made
    assert ("citation", "看板可以显示 3 个迭代的任务 [2]。") in made
    assert ("foreign", "每个月向所有者发送一次发票 [1]。") in made
    shares = blocked((BOARDS, BILLS), "seed", translations)
    assert shares[f"zh-en {FAITHFUL}"] == 0
    assert shares["zh-en number"] == 1
