"""How good and how fast the bot is, measured."""
