"""The ABC customers as the four sheets that ``surveyapp accounts import`` reads."""

from collections.abc import Iterable
from pathlib import Path

from examples import csv_files
from examples.abc.answers import Customer

SUPPLIER = "ABC"


def write(customers: Iterable[Customer], folder: Path) -> None:
    """Write organisations.csv, relationships.csv, contacts.csv and stakeholders.csv."""
    customers = list(customers)
    csv_files.write(
        folder / "organisations.csv",
        ["reference", "name", "country"],
        [
            [SUPPLIER, "ABC", ""],
            *([c.reference, f"ABC customer {c.number}", c.country] for c in customers),
        ],
    )
    csv_files.write(
        folder / "relationships.csv",
        ["buyer", "supplier", "segment"],
        [[c.reference, SUPPLIER, _segment(c)] for c in customers],
    )
    csv_files.write(
        folder / "contacts.csv",
        ["email", "name", "organisation"],
        [[c.email, f"Customer {c.number}", c.reference] for c in customers],
    )
    csv_files.write(
        folder / "stakeholders.csv",
        ["email", "buyer", "supplier", "function", "influence"],
        [[c.email, c.reference, SUPPLIER, "user", "uses"] for c in customers],
    )


def _segment(customer: Customer) -> str:
    return f"seniority class {customer.seniority_class}" if customer.seniority_class else ""
