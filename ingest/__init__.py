"""A folder of Markdown becomes a published snapshot; knows nothing of the bot."""
