"""What stops a whole ingestion or makes a snapshot unusable; bad documents are Problems, not errors."""


class IngestError(Exception):
    """The knowledge base could not be ingested; the published snapshot is untouched."""


class SnapshotError(Exception):
    """A snapshot is missing, damaged or does not fit the models in use."""
