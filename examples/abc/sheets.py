"""The ABC customers as the four sheets that ``surveyapp accounts import`` reads."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from answers import Customer

SUPPLIER = "ABC"


def write(customers: Iterable[Customer], folder: Path) -> None:
    """Write organisations.csv, relationships.csv, contacts.csv and stakeholders.csv."""
    folder.mkdir(parents=True)
    customers = list(customers)
    _sheet(
        folder / "organisations.csv",
        ["reference", "name", "country"],
        [
            [SUPPLIER, "ABC", ""],
            *([c.reference, f"ABC customer {c.number}", c.country] for c in customers),
        ],
    )
    _sheet(
        folder / "relationships.csv",
        ["buyer", "supplier", "segment"],
        [[c.reference, SUPPLIER, _segment(c)] for c in customers],
    )
    _sheet(
        folder / "contacts.csv",
        ["email", "name", "organisation"],
        [[c.email, f"Customer {c.number}", c.reference] for c in customers],
    )
    _sheet(
        folder / "stakeholders.csv",
        ["email", "buyer", "supplier", "function", "influence"],
        [[c.email, c.reference, SUPPLIER, "user", "uses"] for c in customers],
    )


def _segment(customer: Customer) -> str:
    return f"seniority class {customer.seniority_class}" if customer.seniority_class else ""


def _sheet(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
