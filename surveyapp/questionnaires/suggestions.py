"""Guess what an author meant to write."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word most like the one written, or None when none is like it."""
    return next(iter(get_close_matches(word, list(known), n=1, cutoff=0.6)), None)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return " Did you mean x?" for the nearest known word, or nothing when none is near."""
    near = nearest(word, known)
    return f" Did you mean {near}?" if near else ""
