"""Figures of a large wave, kept for a minute: the page says of which moment they are."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

from flask import current_app

_KEPT_FOR: Final = timedelta(seconds=60)
_MOST: Final = 64
STORE: Final = "coverage-figures"
"""What they are kept under, of the application."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Kept:
    value: object
    until: datetime


def figures(
    key: tuple[object, ...], make: Callable[[], T], *, is_large: Callable[[T], bool], at: datetime
) -> T:
    """Return what was made for this key within the last minute, or make it; small ones are not kept.

    Counting a hundred thousand people takes about half a second; an owner who goes from page to
    page need not wait for it each time.
    """
    store: dict[tuple[object, ...], _Kept] = current_app.extensions.setdefault(STORE, {})
    found = store.get(key)
    if found is not None and found.until > at:
        return found.value  # type: ignore[return-value]  # a key names one kind of figures
    made = make()
    if is_large(made):
        if len(store) >= _MOST:
            store.clear()
        store[key] = _Kept(made, at + _KEPT_FOR)
    return made
