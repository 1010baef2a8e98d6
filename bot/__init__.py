"""Firstline: a support bot that answers from a company's own knowledge base."""

import os

__version__ = "0.1.0"

# The products of a search are small: the threads that numpy would share them with only spin, which
# doubles what a question costs. It has to be said before numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
