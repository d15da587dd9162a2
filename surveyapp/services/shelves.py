"""Shelves: what was made lately of things that never change, kept in this process and made once."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Shelf(Generic[K, V]):
    """Keeps the last so many, each under all that it was made of: then it is never out of date.

    Two threads may make the same thing at once; either one is kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[K, V] = OrderedDict()
        self._turn = threading.Lock()

    def get(self, key: K, make: Callable[[], V]) -> V:
        """Return what is kept under the key, or make it and keep it; what was not asked for longest goes."""
        with self._turn:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._turn:
            self._kept[key] = made
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made

    def __len__(self) -> int:
        return len(self._kept)
