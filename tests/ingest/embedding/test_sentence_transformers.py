"""Tests that call `minilm` use real weights; where those are missing they say how to get them."""

import shutil
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from ingest.embedding import sentence_transformers as models
from ingest.embedding.catalogue import choose_spaces
from ingest.embedding.sentence_transformers import SentenceTransformersEncoder, family_prompts
from ingest.errors import IngestError
from tests.ingest.embedding.minilm import minilm

Call = tuple[str, list[str], str | None]  # role, texts, prompt


class FakeTransformer:
    """Notes what it is asked and refuses to be asked by two threads at once."""

    def __init__(self, prompts: dict[str, str] | None = None) -> None:
        self.prompts = prompts or {"query": "", "document": ""}
        self.calls: list[Call] = []
        self._busy = threading.Lock()

    def encode_query(self, texts: list[str], **options: Any) -> np.ndarray[Any, Any]:
        return self._encode("query", texts, **options)

    def encode_document(self, texts: list[str], **options: Any) -> np.ndarray[Any, Any]:
        return self._encode("document", texts, **options)

    def _encode(
        self, role: str, texts: list[str], *, prompt: str | None, show_progress_bar: bool
    ) -> np.ndarray[Any, Any]:
        assert not show_progress_bar
        if not self._busy.acquire(blocking=False):
            raise RuntimeError("Already borrowed")
        time.sleep(0.002)
        self.calls.append((role, texts, prompt))
        self._busy.release()
        return np.ones((len(texts), 4), np.float32)


@pytest.fixture(autouse=True)
def fresh_models() -> Iterator[None]:
    yield
    models.load.cache_clear()
    models.load_cross_encoder.cache_clear()


@pytest.mark.parametrize(
    ("name", "query", "document"),
    [
        ("intfloat/multilingual-e5-small", "query: ", "passage: "),
        ("models/E5-base-v2", "query: ", "passage: "),
        ("hub/models--intfloat--e5-large/snapshots/3f1c", "query: ", "passage: "),
        ("intfloat/multilingual-e5-large-instruct", "Instruct: Given", None),
        ("BAAI/bge-small-en-v1.5", "Represent this sentence", None),
        ("BAAI/bge-large-zh", "为这个句子", None),
        ("BAAI/bge-m3", None, None),
        ("sentence-transformers/all-MiniLM-L6-v2", None, None),
        ("someone/base512-ae5x", None, None),
    ],
)
def test_the_prompts_of_known_families(name: str, query: str | None, document: str | None) -> None:
    prompts = family_prompts(name, {"query": "", "document": ""})
    for role, beginning in (("query", query), ("document", document)):
        assert (role in prompts) == (beginning is not None)
        assert prompts.get(role, "").startswith(beginning or "")


@pytest.mark.parametrize("role", ["query", "document", "passage", "corpus"])
def test_the_prompts_of_the_configuration_come_first(role: str) -> None:
    assert family_prompts("intfloat/multilingual-e5-small", {role: "its own: "}) == {}


def test_questions_and_passages_get_their_prompts() -> None:
    model = FakeTransformer()
    encoder = SentenceTransformersEncoder(model, {"query": "q: ", "document": "d: "})
    encoder.embed_query("a")
    encoder.embed_documents(["b", "c"])
    assert model.calls == [("query", ["a"], "q: "), ("document", ["b", "c"], "d: ")]


def test_without_family_prompts_the_model_chooses_its_own() -> None:
    model = FakeTransformer({"query": "own: "})
    encoder = SentenceTransformersEncoder(model, {})
    encoder.embed_query("a")
    encoder.embed_documents(["b"])
    assert [prompt for _, _, prompt in model.calls] == [None, None]


def test_threads_take_turns() -> None:
    encoder = SentenceTransformersEncoder(FakeTransformer(), {})
    with ThreadPoolExecutor(8) as pool:
        assert len(list(pool.map(encoder.embed_query, ["a"] * 32))) == 32


@pytest.mark.parametrize("load", [models.load, models.load_cross_encoder])
def test_without_the_extra_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, load: Any
) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(IngestError, match=r"pip install 'firstline\[sentence-transformers\]'"):
        load("any/model")


def stand_in(monkeypatch: pytest.MonkeyPatch, **kinds: Any) -> None:
    module = ModuleType("sentence_transformers")
    vars(module).update(kinds)
    monkeypatch.setitem(sys.modules, "sentence_transformers", module)


@pytest.mark.parametrize("error", [OSError("no such\n file"), KeyError("no such file")])
def test_a_model_that_cannot_be_loaded_is_named(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(name: str, **options: Any) -> None:
        raise error

    stand_in(monkeypatch, SentenceTransformer=fail)
    with pytest.raises(IngestError, match=r"model any/model: .?no such file"):
        models.load("any/model")


def test_code_that_comes_with_a_model_is_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []

    def note(name: str, **options: Any) -> FakeTransformer:
        asked.append(options)
        return FakeTransformer()

    stand_in(monkeypatch, SentenceTransformer=note)
    models.load("any/model")
    assert asked == [{"trust_remote_code": False}]


def test_a_model_with_several_scores_a_pair_is_no_reranker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Classifier:
        num_labels = 3

        def __init__(self, name: str, **options: Any) -> None: ...

    stand_in(monkeypatch, CrossEncoder=Classifier)
    with pytest.raises(IngestError, match="nli is no reranker: it gives 3 scores a pair"):
        models.load_cross_encoder("any/nli")


def test_real_weights_put_what_means_the_same_together() -> None:
    (space,) = choose_spaces("sentence-transformers", minilm())
    answer, near, other = space.passages(
        [
            "A board has at most 24 columns.",
            "Columns of a board can be moved and renamed.",
            "Invoices are sent monthly.",
        ]
    )
    question = space.query("what is the limit of columns on a board")
    assert question @ answer > question @ near > question @ other
    np.testing.assert_allclose(np.linalg.norm([answer, near, other, question], axis=1), 1, 1e-5)


def test_real_weights_give_a_batch_the_vectors_of_its_texts() -> None:
    (space,) = choose_spaces("sentence-transformers", minilm())
    texts = ["boards", "", "看板", "You sign in with your mail address. " * 20]
    alone = np.vstack([space.passages([text]) for text in texts])
    assert (space.passages(texts) * alone).sum(axis=1).min() > 0.9999


def test_the_model_is_loaded_once_for_the_same_name() -> None:
    assert models.load(minilm()) is models.load(minilm())


def copied(folder: str, to: Path, file: str = "", *replacement: str) -> SentenceTransformersEncoder:
    """The model from a copy of its folder in which one file was changed."""
    shutil.copytree(folder, to)
    if file:
        text = (to / file).read_text("utf-8")
        assert replacement[0] in text
        (to / file).write_text(text.replace(*replacement), "utf-8")
    return models.load(str(to))


def test_the_digest_is_that_of_the_model_not_of_its_place(tmp_path: Path) -> None:
    assert copied(minilm(), tmp_path / "copy").digest == models.load(minilm()).digest


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        (
            "1_Pooling/config.json",
            '"pooling_mode_mean_tokens": true',
            '"pooling_mode_cls_token": true',
        ),
        ("sentence_bert_config.json", '"max_seq_length": 256', '"max_seq_length": 128'),
        ("config_sentence_transformers.json", '{\n  "__v', '{"prompts": {"query": "q: "}, "__v'),
    ],
)
def test_what_changes_vectors_changes_the_digest(
    tmp_path: Path, file: str, before: str, after: str
) -> None:
    changed = copied(minilm(), tmp_path / "copy", file, before, after)
    assert changed.digest != models.load(minilm()).digest


def test_one_changed_weight_changes_the_digest() -> None:
    encoder = models.load(minilm())
    before = encoder.digest
    models.load.cache_clear()
    again = models.load(minilm())
    next(iter(again._model.parameters())).data[0, 0] += 1
    assert again.digest != before


def test_weights_of_half_precision_have_a_digest_of_their_own() -> None:
    encoder = models.load(minilm())
    exact = encoder.digest
    half = SentenceTransformersEncoder(encoder._model.bfloat16(), {})
    assert half.digest != exact


def test_a_damaged_model_is_refused(tmp_path: Path) -> None:
    damaged = tmp_path / "model"
    shutil.copytree(minilm(), damaged)
    (damaged / "model.safetensors").write_bytes(b"\xff" * 64)
    with pytest.raises(IngestError, match="cannot load the sentence-transformers model"):
        models.load(str(damaged))


@pytest.mark.parametrize("name", ["/no/such/folder", "nobody/no-such-model"])
def test_a_model_that_is_nowhere_is_named(name: str) -> None:
    minilm()
    with pytest.raises(IngestError, match=f"cannot load the sentence-transformers model {name}"):
        models.load(name)


def test_a_cross_encoder_scores_each_pair() -> None:
    model = models.load_cross_encoder(minilm())
    pairs = [("boards", "A board has columns."), ("boards", "Invoices are sent monthly.")]
    scores = np.asarray(model.predict(pairs, show_progress_bar=False))
    assert scores.shape == (2,)
    assert np.isfinite(scores).all()
