"""Texts become vectors: one file a backend, all behind LangChain's `Embeddings`."""
