"""The ABC data: one row per customer, as answers to ``annual-customer-survey``."""

import csv
from dataclasses import dataclass
from pathlib import Path

_FILE = Path(__file__).with_name("answers.csv")
RATINGS = (
    "overall_satisfaction",
    "would_recommend",
    "would_repurchase",
    "equipment",
    "sales_support",
    "technical_support",
    "supplies",
    "administrative_support",
    "terms_conditions_prices",
)
"""Columns, and also the items' ids in the questionnaire."""


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer and what it answered."""

    number: int
    country: str
    seniority_class: str
    ratings: dict[str, int]
    """Points by item; an item not answered is not there."""

    @property
    def reference(self) -> str:
        """The customer's key in the account sheets."""
        return f"C{self.number:03}"

    @property
    def email(self) -> str:
        """An address in a domain that is kept for examples."""
        return f"customer{self.number:03}@example.com"


def read() -> list[Customer]:
    """Read all customers in the order of the file."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        return [
            Customer(
                number=int(row["company_id"]),
                country=row["country"],
                seniority_class=row["seniority_class"],
                ratings={item: int(row[item]) for item in RATINGS if row[item]},
            )
            for row in csv.DictReader(file)
        ]
