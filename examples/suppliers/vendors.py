"""The vendors' real facts: one row per vendor and quarter, as computed from the public history."""

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from pathlib import Path

_FILE = Path(__file__).with_name("vendor_quarters.csv")


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A calendar quarter."""

    year: int
    quarter: int

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Read one as the file writes it: 2013Q3."""
        year, _, quarter = text.partition("Q")
        return cls(int(year), int(quarter))

    def __str__(self) -> str:
        return f"{self.year}Q{self.quarter}"

    def back(self, quarters: int) -> "Period":
        """Return the quarter so many before."""
        year, quarter = divmod(self.year * 4 + self.quarter - 1 - quarters, 4)
        return Period(year, quarter + 1)

    @property
    def last_day(self) -> date:
        """The day it ends."""
        after = self.back(-1)
        return date(after.year, after.quarter * 3 - 2, 1) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Quarter:
    """What one vendor delivered in one quarter."""

    period: Period
    shipments: int
    on_time: int
    """Shipments that came by the promised day."""
    mean_days_late: float
    value_usd: Decimal
    countries: int


@dataclass(frozen=True, slots=True)
class Vendor:
    """One vendor, and all its quarters with a shipment."""

    number: int
    """From 1, in the order of names."""
    name: str
    quarters: tuple[Quarter, ...]

    @property
    def reference(self) -> str:
        """The vendor's key in the account sheets."""
        return f"V{self.number:02}"

    def year_to(self, last: Period) -> list[Quarter]:
        """Return the quarters with a shipment among the four that end with ``last``."""
        return [each for each in self.quarters if last.back(4) < each.period <= last]

    def delivered_by(self, last: Period) -> bool:
        """Tell whether anything was delivered up to that quarter."""
        return any(each.period <= last for each in self.quarters)


def read() -> list[Vendor]:
    """Read all vendors, by name."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=itemgetter("vendor", "period"))
    by_name = groupby(rows, key=itemgetter("vendor"))
    return [
        Vendor(number, name, tuple(_quarter(row) for row in theirs))
        for number, (name, theirs) in enumerate(by_name, start=1)
    ]


def _quarter(row: dict[str, str]) -> Quarter:
    shipments = int(row["shipments"])
    return Quarter(
        period=Period.parse(row["period"]),
        shipments=shipments,
        # the published share has four decimals: with under 5,000 shipments it names one count only
        on_time=round(float(row["on_time_rate"]) * shipments),
        mean_days_late=float(row["mean_days_late"]),
        value_usd=Decimal(row["value_usd"]).quantize(Decimal("0.01")),
        countries=int(row["countries"]),
    )
