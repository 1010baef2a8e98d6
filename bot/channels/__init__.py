"""The edges where people talk: each with its wire shapes, none known to the core."""
