"""Services on each database, called as routes and jobs call them."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
from flask import Flask

Result = TypeVar("Result")
AtOnce = Callable[[Sequence[Callable[[], Result]]], list[Result]]


@pytest.fixture
def app(app_on_both: Flask) -> Iterator[Flask]:
    with app_on_both.app_context():
        yield app_on_both


@pytest.fixture
def at_once(app: Flask) -> Callable[[Sequence[Callable[[], object]]], list[object]]:
    """Run calls in threads of their own and return what each gave or raised."""

    def run(calls: Sequence[Callable[[], object]]) -> list[object]:
        def inside(call: Callable[[], object]) -> object:
            with app.app_context():
                try:
                    return call()
                except Exception as error:  # noqa: BLE001 the test asks which it was
                    return error

        with ThreadPoolExecutor(len(calls)) as threads:
            return list(threads.map(inside, calls))

    return run
