"""How good and how fast the bot is, measured."""

import bot as bot  # first of all: it settles how numpy computes
