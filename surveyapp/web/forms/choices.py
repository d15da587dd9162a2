"""Options of the console's select fields and ticks."""

from collections.abc import Iterable
from enum import StrEnum

from wtforms import SelectChoice  # type: ignore[attr-defined]  # the stubs describe 3.2, without it


def options(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """Return options of value and label."""
    return [SelectChoice(value, label) for value, label in pairs]


def options_of(words: Iterable[StrEnum]) -> list[SelectChoice]:
    """Return the words of an enumeration as options, each with a capital letter."""
    return options((word.value, word.value[:1].upper() + word.value[1:]) for word in words)
