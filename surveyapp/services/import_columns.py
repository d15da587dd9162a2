"""Whose column is whose: guesses from headings, what an owner chose before, and tables renamed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyapp.models.imports import ImportMapping
from surveyapp.models.programmes import Programme
from surveyapp.services.account_sheets import COLUMNS, Sheet
from surveyapp.tabular.table import Table, column_name

Columns = Mapping[str, str]
"""The file's heading for each of our columns that it has."""
Remembered = Mapping[Sheet, Mapping[str, str]]
"""For each kind: our column by the folded heading; empty where an owner left a heading out."""

_SYNONYMS: Final[Mapping[str, tuple[str, ...]]] = {
    "reference": (
        *("id", "key", "account id", "account number", "customer number", "customer no"),
        *("customer id", "number", "code", "kundennummer", "kundennr", "kunden nr", "nummer"),
        *("referenz", "firmennummer", "lieferantennummer", "debitor", "kreditor"),
    ),
    "name": (
        *("full name", "company", "company name", "account", "account name", "customer"),
        *("organisation name", "organization name", "contact", "contact name", "firma"),
        *("firmenname", "unternehmen", "kunde", "vollständiger name", "ansprechpartner"),
    ),
    "country": ("land", "country code", "ländercode"),
    "buyer": ("customer", "client", "account", "käufer", "kunde", "abnehmer", "einkäufer"),
    "supplier": ("vendor", "provider", "lieferant", "anbieter", "dienstleister"),
    "product_line": ("product", "line", "produkt", "produktlinie", "produktgruppe", "sparte"),
    "service_team": ("team", "service", "serviceteam"),
    "region": ("area", "gebiet", "territory"),
    "segment": ("customer segment", "kundensegment", "tier", "klasse"),
    "annual_value": (
        *("value", "revenue", "annual revenue", "turnover", "spend", "amount", "umsatz"),
        *("jahresumsatz", "wert", "jahreswert"),
    ),
    "currency": ("währung", "currency code", "cur"),
    "renewal_on": (
        *("renewal", "renewal date", "contract end", "verlängerung", "vertragsende"),
        *("verlängerung am",),
    ),
    "manager": (
        *("account manager", "relationship manager", "owner", "account owner", "manager email"),
        *("betreuer", "kundenbetreuer", "verantwortlicher"),
    ),
    "email": (
        *("e mail", "mail", "email address", "e mail address", "mail address", "e mail adresse"),
        *("mailadresse", "emailadresse"),
    ),
    "organisation": (
        *("organization", "company", "account", "customer", "customer number", "company id"),
        *("account id", "account number", "firma", "unternehmen", "kunde", "kundennummer"),
    ),
    "locale": ("language", "lang", "sprache"),
    "side": ("seite", "role side"),
    "function": ("department", "job function", "funktion", "abteilung", "bereich"),
    "influence": ("einfluss", "decision role", "power"),
    "raci": ("raci role",),
    "from_on": ("from", "start", "start date", "since", "valid from", "von", "seit", "beginn"),
    "until_on": ("until", "to", "end", "end date", "valid until", "bis", "ende"),
}
_TITLES: Final[Mapping[Sheet, frozenset[str]]] = {
    Sheet.ORGANISATIONS: frozenset(
        {"organisations", "organizations", "organisationen", "companies", "firmen", "unternehmen"}
        | {"accounts", "customers", "kunden", "organisation", "company"}
    ),
    Sheet.RELATIONSHIPS: frozenset(
        {"relationships", "relationship", "beziehungen", "geschäftsbeziehungen", "contracts"}
    ),
    Sheet.CONTACTS: frozenset(
        {"contacts", "contact", "people", "persons", "kontakte", "personen", "ansprechpartner"}
    ),
    Sheet.STAKEHOLDERS: frozenset({"stakeholders", "stakeholder", "roles", "rollen", "beteiligte"}),
}


def guess_sheet(title: str, headings: Sequence[str], known: Remembered) -> Sheet | None:
    """Tell what a table is about: by its title or, failing that, by the headings it has.

    All required columns must be found; of several kinds it is the one that uses most headings.
    """
    words = set(column_name(title).replace(".", "_").split("_"))
    named = [sheet for sheet in Sheet if words & _TITLES[sheet]]
    if len(named) == 1:
        return named[0]
    fitting = {}
    for sheet in Sheet:
        columns = guess_columns(sheet, headings, known.get(sheet, {}))
        if not missing(sheet, columns):
            fitting[sheet] = len(columns)
    return max(fitting, key=lambda sheet: fitting[sheet], default=None)


def guess_columns(
    sheet: Sheet, headings: Iterable[str], known: Mapping[str, str]
) -> dict[str, str]:
    """Find the heading for each of our columns: as chosen last time, by name, by another word."""
    by_name = {column_name(heading): heading for heading in headings if heading}
    ours = [column.name for column in COLUMNS[sheet]]
    found: dict[str, str] = {
        known[name]: heading for name, heading in by_name.items() if known.get(name) in ours
    }
    left = {name: heading for name, heading in by_name.items() if name not in known}
    exact = ((column, (column,)) for column in ours)
    synonyms = ((column, map(column_name, _SYNONYMS.get(column, ()))) for column in ours)
    for column, words in chain(exact, synonyms):
        word = next((word for word in words if word in left), None)
        if column not in found and word is not None:
            found[column] = left.pop(word)
    return found


def missing(sheet: Sheet, columns: Columns) -> list[str]:
    """List the required columns that no heading stands for."""
    return [
        column.name
        for column in COLUMNS[sheet]
        if column.is_required and column.name not in columns
    ]


def renamed(table: Table, columns: Columns) -> Table:
    """Return the table with our names for its columns; every other column is left out."""
    ours = {heading: column for column, heading in columns.items()}
    return replace(table, columns=tuple(ours.get(heading, "") for heading in table.headings))


def remembered(session: Session, programme: Programme) -> dict[Sheet, dict[str, str]]:
    """Return what owners of this programme chose before."""
    rows = session.scalars(select(ImportMapping).where(ImportMapping.programme_id == programme.id))
    return {Sheet(row.sheet): dict(row.columns) for row in rows if row.sheet in set(Sheet)}


def remember(
    session: Session,
    programme: Programme,
    sheet: Sheet,
    *,
    headings: Iterable[str],
    columns: Columns,
    at: datetime,
) -> None:
    """Keep what was chosen for these headings, also that one is left out."""
    ours = {heading: column for column, heading in columns.items()}
    chosen = {column_name(heading): ours.get(heading, "") for heading in headings if heading}
    row = session.scalars(
        select(ImportMapping).where(
            ImportMapping.programme_id == programme.id, ImportMapping.sheet == sheet.value
        )
    ).first()
    if row is None:
        row = ImportMapping(programme_id=programme.id, sheet=sheet.value, columns={}, updated_at=at)
        session.add(row)
    taken = set(columns)
    kept = {name: column for name, column in row.columns.items() if column not in taken}
    row.columns, row.updated_at = {**kept, **chosen}, at
    session.flush()
