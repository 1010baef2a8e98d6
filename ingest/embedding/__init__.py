"""Texts become vectors: one file a backend, all behind LangChain's `Embeddings`."""

import os

# onnxruntime reports to its maker unless it is told not to before it is first imported. A bot that
# a company hosts itself tells nobody anything.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
