"""Why an import cannot be undone: rows that were changed since, or that something is built on."""

import uuid
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import Column, ForeignKeyConstraint, Select, Table, func, select
from sqlalchemy.orm import Session, aliased

from surveyapp.errors import Problem
from surveyapp.models.accounts import Contact, Organisation, Relationship, Stakeholder
from surveyapp.models.base import Base
from surveyapp.models.imports import ImportBatch, ImportChange, ImportState
from surveyapp.models.people import Membership
from surveyapp.services.account_journal import MODELS, plain
from surveyapp.services.account_sheets import Sheet

_USES: Final[Mapping[str, str]] = {
    "assignment": "is asked about in a wave",
    "contact": "has people who were added since",
    "invitation": "was invited to a wave",
    "omission": "is on the list of a wave",
    "relationship": "is in a relationship that was added since",
    "score": "has scores",
    "scorecard": "has a scorecard",
    "stakeholder": "has a stakeholder who was added since",
}
_Found = Iterator[tuple[uuid.UUID, str]]
"""A row, and what stands in the way."""


def of(session: Session, batch: ImportBatch) -> list[Problem]:
    """Return every reason, kind by kind, each naming its row."""
    reasons = []
    for sheet in Sheet:
        found = [
            *_changed(session, batch, sheet),
            *_in_use(session, batch, sheet),
            *_in_later_imports(session, batch, sheet),
        ]
        if sheet == Sheet.CONTACTS:
            found += [*_unreachable(session, batch), *_at_work(session, batch)]
        if sheet == Sheet.RELATIONSHIPS:
            found += _without_manager(session, batch)
        if found:
            names = {row[0]: row[1] for row in session.execute(_names(sheet, batch))}
            reasons += [Problem(names.get(row_id, str(row_id)), why) for row_id, why in found]
    return list(dict.fromkeys(reasons))


def new_rows(batch: ImportBatch, sheet: Sheet) -> Select[uuid.UUID]:
    """Select the ids of the rows that the import made."""
    return select(ImportChange.row_id).where(
        ImportChange.batch_id == batch.id,
        ImportChange.sheet == sheet.value,
        ImportChange.before.is_(None),
    )


def _changed(session: Session, batch: ImportBatch, sheet: Sheet) -> _Found:
    """Compare each row with what the import wrote."""
    table = MODELS[sheet].__table__
    rows = session.execute(
        select(ImportChange.row_id, ImportChange.after, *table.c)
        .outerjoin(table, table.c.id == ImportChange.row_id)
        .where(ImportChange.batch_id == batch.id, ImportChange.sheet == sheet.value)
    )
    for row in rows:
        row_id, after, *values = row
        now = dict(zip(table.c.keys(), values, strict=True))
        if now["id"] is None:
            yield row_id, "is gone."
            continue
        kept = plain({name: now[name] for name in after})
        if kept != after:
            names = ", ".join(_shown(name) for name in after if kept[name] != after[name])
            yield row_id, f"was changed since: {names}."


def _in_use(session: Session, batch: ImportBatch, sheet: Sheet) -> _Found:
    """Look through every table that can refer to a new row, those of later versions included."""
    target = MODELS[sheet].__table__
    deleted = {MODELS[each].__table__: new_rows(batch, each) for each in Sheet}
    for table in Base.metadata.sorted_tables:
        for column in _referring(table, target):
            query = (
                select(column, func.count())
                .where(column.in_(new_rows(batch, sheet)))
                .group_by(column)
            )
            if table in deleted:  # rows that go together stand in nobody's way
                query = query.where(table.c.id.not_in(deleted[table]))
            for row_id, _count in session.execute(query):
                yield row_id, f"{_USES.get(table.name, f'is used by {table.name}')}."


def _referring(table: Table, target: Any) -> Iterator[Column[Any]]:  # noqa: ANN401 a FromClause of the models
    for constraint in table.constraints:
        if isinstance(constraint, ForeignKeyConstraint) and constraint.referred_table is target:
            yield from (key.parent for key in constraint.elements if key.column is target.c.id)


def _in_later_imports(session: Session, batch: ImportBatch, sheet: Sheet) -> _Found:
    """A new row that a later import wrote to: that one has to be undone first."""
    later = (
        select(ImportChange.row_id, ImportBatch.committed_at)
        .join(ImportBatch, ImportBatch.id == ImportChange.batch_id)
        .where(
            ImportBatch.programme_id == batch.programme_id,
            ImportBatch.state == ImportState.COMMITTED,
            ImportBatch.id != batch.id,
            ImportBatch.committed_at >= batch.committed_at,
            ImportChange.sheet == sheet.value,
            ImportChange.row_id.in_(new_rows(batch, sheet)),
        )
    )
    for row_id, at in session.execute(later):
        yield row_id, f"was changed by the import of {at:%Y-%m-%d %H:%M} UTC. Undo that one first."


def _unreachable(session: Session, batch: ImportBatch) -> _Found:
    """A new contact who asked not to be asked: the wish must outlive the import."""
    query = select(Contact.id, Contact.opted_out_at).where(
        Contact.id.in_(new_rows(batch, Sheet.CONTACTS)),
        Contact.opted_out_at.is_not(None) | Contact.bounced_at.is_not(None),
    )
    for row_id, opted_out_at in session.execute(query):
        yield row_id, "asked not to be asked." if opted_out_at else "has an address that bounced."


def _at_work(session: Session, batch: ImportBatch) -> _Found:
    """Somebody who came to a company with the import and has a part there by now."""
    moved = (
        row_id
        for row_id, before in session.execute(
            select(ImportChange.row_id, ImportChange.before).where(
                ImportChange.batch_id == batch.id,
                ImportChange.sheet == Sheet.CONTACTS.value,
                ImportChange.before.is_not(None),
            )
        )
        if "organisation_id" in (before or {})
    )
    if not (ids := set(moved)):
        return
    parts = select(Stakeholder.contact_id).where(
        Stakeholder.programme_id == batch.programme_id,
        Stakeholder.id.not_in(new_rows(batch, Sheet.STAKEHOLDERS)),
    )
    for contact_id in session.scalars(parts):
        if contact_id in ids:
            yield contact_id, "has a part at the company the import moved them to."


def _without_manager(session: Session, batch: ImportBatch) -> _Found:
    """A relationship whose former manager is no member any more."""
    members = set(
        session.scalars(
            select(Membership.user_id).where(Membership.programme_id == batch.programme_id)
        )
    )
    query = select(ImportChange.row_id, ImportChange.before).where(
        ImportChange.batch_id == batch.id,
        ImportChange.sheet == Sheet.RELATIONSHIPS.value,
        ImportChange.before.is_not(None),
    )
    for row_id, before in session.execute(query):
        manager = (before or {}).get("manager_id")
        if manager and uuid.UUID(manager) not in members:
            yield row_id, "had a manager who is no member any more."


def _names(sheet: Sheet, batch: ImportBatch) -> Select[uuid.UUID, str]:
    """Select how a person knows each row of the import."""
    rows = select(ImportChange.row_id).where(
        ImportChange.batch_id == batch.id, ImportChange.sheet == sheet.value
    )
    buyer, supplier = aliased(Organisation), aliased(Organisation)
    pair = buyer.reference + " and " + supplier.reference
    match sheet:
        case Sheet.ORGANISATIONS:
            query = select(Organisation.id, Organisation.reference)
        case Sheet.CONTACTS:
            query = select(Contact.id, Contact.email)
        case Sheet.RELATIONSHIPS:
            query = (
                select(Relationship.id, pair)
                .join(buyer, buyer.id == Relationship.buyer_id)
                .join(supplier, supplier.id == Relationship.supplier_id)
            )
        case Sheet.STAKEHOLDERS:
            query = (
                select(Stakeholder.id, Contact.email + ", " + pair)
                .join(Contact, Contact.id == Stakeholder.contact_id)
                .join(Relationship, Relationship.id == Stakeholder.relationship_id)
                .join(buyer, buyer.id == Relationship.buyer_id)
                .join(supplier, supplier.id == Relationship.supplier_id)
            )
    return query.where(MODELS[sheet].__table__.c.id.in_(rows))


def _shown(column: str) -> str:
    return column.removesuffix("_id").replace("_", " ")
