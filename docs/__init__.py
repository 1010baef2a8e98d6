"""Guides and pictures, and what makes those parts of them that follow from the code."""
