"""What can fail. Not knowing is a value; these are failures, and each says what to do."""


class BotError(Exception):
    """Anything the dialogue can still help after."""


class ConfigurationError(BotError):
    """A setting is wrong or something it names is missing."""


class ModelUnavailable(BotError):
    """A chat or embedding model did not answer as promised."""


class KnowledgeBaseUnavailable(BotError):
    """There is no index that could be searched."""


class StoreError(BotError):
    """The database refused or is out of reach."""
