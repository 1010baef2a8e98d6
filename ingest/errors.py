"""What stops an ingestion or makes a snapshot unusable; a bad document is only a Problem."""


class IngestError(Exception):
    """The knowledge base could not be ingested; the published snapshot is untouched."""


class SnapshotError(Exception):
    """A snapshot is missing, damaged or does not fit the models in use."""
