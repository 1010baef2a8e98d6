import hashlib
import shutil
from pathlib import Path

import pytest

from ingest.embedding.bundled import ENGLISH, ENGLISH_TOKENIZER, MULTILINGUAL, ModelFile
from ingest.errors import IngestError

CONTENT = b"weights"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed packages with one that carries a model file."""
    info = tmp_path / "model_carrier-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: model-carrier\nVersion: 1.0\n")
    (tmp_path / "model_carrier").mkdir()
    (tmp_path / "model_carrier" / "model.onnx").write_bytes(CONTENT)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def carried(file: str = "model_carrier/model.onnx", sha256: str = SHA256) -> ModelFile:
    return ModelFile("model-carrier", file, sha256)


def test_a_file_is_found_through_the_metadata_of_its_package(site: Path) -> None:
    assert carried().is_installed()
    assert carried().locate() == site / "model_carrier" / "model.onnx"


def test_the_carrying_package_is_not_imported(site: Path) -> None:
    (site / "model_carrier" / "__init__.py").write_text("raise AssertionError('imported')\n")
    assert carried().locate().is_file()


@pytest.mark.parametrize(
    "model", [carried("model_carrier/none.onnx"), ModelFile("no-such-carrier", "m.onnx", SHA256)]
)
def test_a_missing_model_says_what_to_run(site: Path, model: ModelFile) -> None:
    assert not model.is_installed()
    with pytest.raises(IngestError, match=rf"{model.distribution} is not installed; run: make"):
        model.locate()


def test_a_model_that_is_installed_later_is_found(site: Path) -> None:
    late = carried("model_carrier/late.onnx")
    with pytest.raises(IngestError):
        late.locate()
    (site / "model_carrier" / "late.onnx").write_bytes(CONTENT)
    assert late.locate().is_file()


@pytest.mark.parametrize("content", [b"Weights", b"weight", b"weights\n", b""])
def test_a_damaged_file_is_refused(site: Path, content: bytes) -> None:
    (site / "model_carrier" / "model.onnx").write_bytes(content)
    with pytest.raises(IngestError, match=r"model.onnx of model-carrier is damaged; run: make"):
        carried().locate()


def test_a_mended_file_is_accepted(site: Path) -> None:
    file = site / "model_carrier" / "model.onnx"
    file.write_bytes(b"damaged")
    with pytest.raises(IngestError, match="is damaged"):
        carried().locate()
    file.write_bytes(CONTENT)
    assert carried().locate() == file


@pytest.mark.models
@pytest.mark.parametrize("model", [MULTILINGUAL, ENGLISH, ENGLISH_TOKENIZER])
def test_one_flipped_bit_in_a_model_is_noticed(site: Path, model: ModelFile) -> None:
    copy = site / "model_carrier" / Path(model.file).name
    shutil.copyfile(model.locate(), copy)
    copied = carried(f"model_carrier/{copy.name}", model.sha256)
    with copy.open("r+b") as file:
        file.seek(copy.stat().st_size // 2)
        byte = file.read(1)[0]
        file.seek(-1, 1)
        file.write(bytes([byte ^ 1]))
    with pytest.raises(IngestError, match="is damaged"):
        copied.locate()
