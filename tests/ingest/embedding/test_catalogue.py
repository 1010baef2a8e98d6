import shutil
from pathlib import Path

import pytest

from ingest.embedding import catalogue
from ingest.embedding.bundled import ModelFile
from ingest.embedding.catalogue import (
    ALL_LANGUAGES,
    PROVIDERS,
    choose_spaces,
    english,
    multilingual,
)
from ingest.errors import IngestError
from tests.ingest.embedding.minilm import minilm


@pytest.mark.models
def test_the_bundled_models_are_the_default() -> None:
    spaces = choose_spaces()
    assert [(space.name, space.dims) for space in spaces] == [
        ("multilingual", 512),
        ("english", 384),
        ("bilingual", 384),
    ]
    assert spaces[0].languages == ALL_LANGUAGES
    assert spaces[1].languages == {"en"}
    assert spaces[2].languages == ALL_LANGUAGES


@pytest.mark.models
@pytest.mark.parametrize("experts", [(), ("english",), ("bilingual",)])
def test_experts_can_be_left_out(experts: tuple[str, ...]) -> None:
    assert [space.name for space in choose_spaces(experts=experts)] == ["multilingual", *experts]


def test_an_expert_whose_package_is_not_for_this_machine_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(catalogue, "E5", ModelFile("no-such-carrier", "m.bin", ""))
    assert [space.name for space in choose_spaces()] == ["multilingual", "english"]


@pytest.mark.models
def test_choosing_the_bundled_models_loads_none_of_them() -> None:
    assert [space._embeddings for space in choose_spaces()] == [None] * 3


def test_the_fingerprints_tell_the_models_apart() -> None:
    assert multilingual().fingerprint != english().fingerprint
    assert multilingual().fingerprint == multilingual().fingerprint


@pytest.mark.models
def test_the_stated_dimensions_are_those_of_the_encoders() -> None:
    for space in choose_spaces():
        assert len(space.embeddings.embed_query("text")) == space.dims


@pytest.mark.parametrize("provider", ["sentence-transformers", "langchain"])
def test_the_other_providers_need_a_model(provider: str) -> None:
    with pytest.raises(IngestError, match=rf"{provider} needs a model: set embedding\.model"):
        choose_spaces(provider)


def test_an_unknown_provider_is_told_which_there_are() -> None:
    with pytest.raises(IngestError, match=f"'word2vec'; one of {', '.join(PROVIDERS)}"):
        choose_spaces("word2vec")


def test_a_sentence_transformers_model_covers_both_languages() -> None:
    (space,) = choose_spaces("sentence-transformers", minilm())
    assert (space.dims, space.languages) == (384, ALL_LANGUAGES)
    assert space.query("boards").shape == (384,)


def test_the_same_model_in_another_folder_has_the_same_fingerprint(tmp_path: Path) -> None:
    folder = Path(minilm())
    moved = shutil.copytree(folder, tmp_path / folder.name)
    (here,) = choose_spaces("sentence-transformers", str(folder))
    (there,) = choose_spaces("sentence-transformers", f"{moved}/")
    assert there.fingerprint == here.fingerprint
    assert str(folder.parent) not in here.fingerprint
