"""Conversations and turns in SQLite or PostgreSQL."""

from bot.adapters.sql_store.store import SqlStore, upgrade

__all__ = ["SqlStore", "upgrade"]
