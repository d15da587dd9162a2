"""What a list's address says about sorting and paging, and the links that change it."""

from typing import Any

from flask import Flask, request, url_for

from surveyapp.services.listing import Order, Page


def register(app: Flask) -> None:
    """Let templates link to other pages and orders of the list they show."""
    app.jinja_env.globals["list_url"] = list_url
    app.jinja_env.globals["sort_url"] = sort_url


def asked_order(default: str) -> Order:
    """Read ``?sort=name``, or ``?sort=-name`` for the other way round."""
    asked = request.args.get("sort", default)
    return Order(asked.removeprefix("-"), is_descending=asked.startswith("-"))


def asked_page() -> int:
    """Read ``?page=2``; whatever is no number is the first page."""
    asked = request.args.get("page", "1")
    # ten digits: nobody counts further, and the database's whole numbers end somewhere
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= 9 else 1  # noqa: PLR2004


def list_url(**changes: object) -> str:
    """Return this list's address with some of its arguments changed, the others kept."""
    kept: dict[str, Any] = {key: values for key, values in request.args.lists() if any(values)}
    arguments = {**(request.view_args or {}), **kept, **changes}
    return url_for(request.endpoint or "home.index", **arguments)


def sort_url(page: Page[Any], column: str) -> str:
    """Return the address that sorts by a column, or turns the order round when it is sorted so."""
    turns = page.order.column == column and not page.order.is_descending
    return list_url(sort=f"-{column}" if turns else column, page=None)
