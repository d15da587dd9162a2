"""Every list of the console takes as many queries for many rows as for few."""

from collections.abc import Iterator
from contextvars import Context
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from benchmarks import console_at_size, list_pages, s9_lists
from surveyapp.clock import utcnow
from surveyapp.extensions import db, transaction
from tests.conftest import make_app
from tests.web.console_world import sign_in

FEW, MANY = 12, 120
"""Relationships, each with ten people; fifty rows are a page."""


def app_with(home: Path, relationships: int) -> Flask:
    app = make_app(home)
    with app.app_context(), transaction() as session:
        at = utcnow() - timedelta(days=1)
        console_at_size.fill(session, relationships=relationships, at=at)
    return app


def counted(app: Flask) -> Iterator[tuple[str, int]]:
    """Each page that has rows with what is asked of it, and how many statements that takes."""
    with app.app_context():
        browser = sign_in(app, "large")
        for each in list_pages.found(app, "large"):
            if each.name in {"relationships.show", "people.show"}:
                continue  # how much is read depends on which one it is
            first = Context().run(browser.get, each.path)
            if first.status_code in each.refusals:
                continue
            for address in list_pages.addresses(each, first.get_data(as_text=True)):
                asked = address.partition("?")[2]
                if "sort=-" in asked and "page=2" not in asked:
                    continue  # takes what the other way round takes
                with s9_lists.counted() as statements:
                    response = Context().run(browser.get, address)
                assert response.status_code in {200, 302, 303}, address
                # a list that is empty reads less
                if "<td" in response.get_data(as_text=True):
                    yield f"{each.name} {asked}", len(statements)
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="module")
def takes(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, int], dict[str, int]]:
    few, many = (
        dict(counted(app_with(tmp_path_factory.mktemp("lists"), size))) for size in (FEW, MANY)
    )
    return few, many


def test_a_list_takes_as_many_queries_for_many_rows_as_for_few(
    takes: tuple[dict[str, int], dict[str, int]],
) -> None:
    few, many = takes
    both = few.keys() & many.keys()
    grown = {name: (few[name], many[name]) for name in both if many[name] > few[name]}
    assert grown == {}
    assert {name.partition(" ")[0] for name in both} >= {
        *("people.index", "relationships.index", "waves.people:autumn", "mail.index"),
        *("waves.people:next", "waves.left_off:next", "kpis.show", "mail.outbox"),
    }


def test_a_later_page_takes_as_many_queries_as_the_first(
    takes: tuple[dict[str, int], dict[str, int]],
) -> None:
    _few, many = takes
    later = {name: n for name, n in many.items() if name.endswith("page=2")}
    assert later
    grown = {
        name: (many[first], n)
        for name, n in later.items()
        if (first := name.replace("page=2", "page=1")) in many and n > many[first]
    }
    assert grown == {}
