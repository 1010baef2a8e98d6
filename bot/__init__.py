"""Firstline: a support bot that answers from a company's own knowledge base."""

__version__ = "0.1.0"
