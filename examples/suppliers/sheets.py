"""The vendors as the files an owner hands in: four account sheets, and one of facts per quarter."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path

from examples import csv_files
from examples.suppliers.people import Part
from examples.suppliers.vendors import Period, Vendor
from surveyapp.models.accounts import Side

BUYER = "SCMS"
"""Its name and its key."""
_FACTS = (
    *("buyer", "supplier", "period", "on_time_numerator", "on_time_denominator"),
    *("days_late", "days_late_denominator", "value_delivered", "shipments", "countries_served"),
)


def write_accounts(
    folder: Path, vendors: Sequence[Vendor], parts: Sequence[Part], last: Period
) -> None:
    """Write the accounts as they stand at the end of a quarter."""
    csv_files.write(
        folder / "organisations.csv",
        ["reference", "name"],
        [[BUYER, BUYER], *([each.reference, each.name] for each in vendors)],
    )
    csv_files.write(
        folder / "contacts.csv",
        ["email", "name", "organisation"],
        sorted({(each.email, each.name, _employer(each)) for each in parts}),
    )
    csv_files.write(
        folder / "stakeholders.csv",
        ["email", "buyer", "supplier", "function", "influence"],
        ([each.email, BUYER, each.vendor, each.function, each.influence] for each in parts),
    )
    write_relationships(folder, vendors, last)


def write_relationships(folder: Path, vendors: Sequence[Vendor], last: Period) -> None:
    """Write the relationships with their value and segment over the four quarters up to ``last``."""
    csv_files.write(
        folder / "relationships.csv",
        ["buyer", "supplier", "segment", "annual_value", "currency"],
        ([BUYER, each.reference, _segment(each, last), *_value(each, last)] for each in vendors),
    )


def write_facts(
    path: Path, vendors: Iterable[Vendor], *, after: Period | None, until: Period
) -> None:
    """Write the facts of the quarters after one (None: from the first on) up to another."""
    csv_files.write(
        path,
        _FACTS,
        (
            [
                *(BUYER, vendor.reference, str(each.period), str(each.on_time)),
                *(str(each.shipments), str(each.mean_days_late), str(each.shipments)),
                *(str(each.value_usd), str(each.shipments), str(each.countries)),
            ]
            for vendor in vendors
            for each in vendor.quarters
            if each.period <= until and (after is None or after < each.period)
        ),
    )


def _employer(part: Part) -> str:
    return BUYER if part.side == Side.BUYER else part.vendor


def _value(vendor: Vendor, last: Period) -> tuple[str, str]:
    """The value of what was delivered in a year; empty where nothing was."""
    total = sum((each.value_usd for each in vendor.year_to(last)), Decimal(0))
    return (str(total), "USD") if total else ("", "")


def _segment(vendor: Vendor, last: Period) -> str:
    """How steadily the vendor delivers: the one grouping the data can tell."""
    quarters = len(vendor.year_to(last))
    if quarters == 4:  # noqa: PLR2004 a year's quarters
        return "Steady supply"
    if quarters:
        return "Occasional supply"
    if vendor.delivered_by(last):
        return "Past supply"
    return "No supply yet"
