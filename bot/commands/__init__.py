"""Groups of commands; `bot/cli.py` is the entry."""
