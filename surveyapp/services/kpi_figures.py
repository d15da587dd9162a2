"""Observations of very many holders: what ``kpi_observed`` reads, by ids as the database writes them.

An object for each of tens of thousands of ids takes longer than reading them.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Text, cast, func, or_, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased
from sqlalchemy.types import NullType

from surveyapp.models.accounts import Relationship
from surveyapp.models.kpis import KpiBatch, KpiDefinition, KpiObservation
from surveyapp.models.programmes import Programme
from surveyapp.services.kpi_observed import Subject, horizon, visible
from surveyapp.services.kpi_values import Figures

FEW: Final = 1_000
"""Relationships; the values of more are read with all of the programme's."""
_AT_ONCE: Final = 500
"""Rows: these are gone again before Python looks for garbage among them."""


_WIDTH: Final = 6
Cells = tuple[Any, ...]
"""Values of one KPI and holder that hold, by their ends: of each six cells one behind the other, its
period's first and last day, its end, value, numerator, denominator. A hundred thousand objects of a
class are looked through by Python's collector of garbage again and again; plain tuples are not.
"""


def apart(cells: Cells) -> Figures:
    """Take cells apart."""
    return Figures(cells[2::_WIDTH], cells[3::_WIDTH], cells[4::_WIDTH], cells[5::_WIDTH])


@dataclass(frozen=True, slots=True)
class Holders:
    """Relationships and their suppliers, by ids as the database writes them."""

    among: ColumnElement[bool]
    """Which relationships of the programme these are."""
    relationships: Sequence[str]
    suppliers: Sequence[str]
    """Of each relationship."""


def text_of(key: InstrumentedAttribute[uuid.UUID] | ColumnElement[Any]) -> ColumnElement[str]:
    """Ask for an id as text."""
    return cast(key, Text)


def read(
    session: Session,
    programme: Programme,
    definitions: Sequence[KpiDefinition],
    holders: Holders,
    *,
    on: date,
) -> dict[str, dict[str, Cells]]:
    """Read by KPI and holder what holds on a day, as known now; as far back as ``kpi_observed.observations``.

    Others of the programme may be among them.
    """
    found: dict[str, dict[str, Cells]] = defaultdict(dict)
    if definitions:
        for query in _queries(programme, definitions, holders, on):
            _take(session, query, found)
    by_id = {uuid.UUID(kpi): by_holder for kpi, by_holder in found.items()}
    return {each.slug: by_id.get(each.id, {}) for each in definitions}


def _take(
    session: Session,
    query: Select[*tuple[Any, ...]],
    found: Mapping[str, dict[str, Cells]],
) -> None:
    """Add what a query finds; rows come by the last day of their period, corrections behind."""
    days = _Days()
    running = set()
    # a session's own way, made for objects, takes half as long again
    for part in session.connection().execute(query).partitions(_AT_ONCE):
        for kpi, holder, first, last, as_of, *figures in part:
            by_holder = found[kpi]
            known = by_holder.get(holder, ())
            begin, until = days[first], days[last]
            end = until
            if as_of < last:
                end = days[as_of]
                running.add((kpi, holder))
            if known and known[1 - _WIDTH] == until and known[-_WIDTH] == begin:
                known = known[:-_WIDTH]
            by_holder[holder] = (*known, begin, until, end, *figures)
    for kpi, holder in running:
        found[kpi][holder] = _by_end(found[kpi][holder])


def _by_end(cells: Cells) -> Cells:
    single = [cells[start : start + _WIDTH] for start in range(0, len(cells), _WIDTH)]
    return tuple(cell for each in sorted(single, key=itemgetter(2)) for cell in each)


class _Days(dict[Any, date]):
    """Days as SQLite (text) or PostgreSQL gives them, each converted once."""

    def __missing__(self, raw: date | str) -> date:
        found = self[raw] = raw if isinstance(raw, date) else date.fromisoformat(raw)
        return found


def _queries(
    programme: Programme, definitions: Sequence[KpiDefinition], holders: Holders, on: date
) -> Iterator[Select[*tuple[Any, ...]]]:
    """Select what counts or makes a trend; of subjects that have nothing so new, the newest."""
    since = horizon(definitions, on=on)
    held = visible(definitions, on=on, known_at=None)
    query = _rows().where(*held, _whose(programme, holders))
    yield query.where(KpiObservation.period_until_on > since)
    for subject in (KpiObservation.relationship_id, KpiObservation.organisation_id):
        newer = _newer(definitions, subject, on=on)
        is_old = KpiObservation.period_until_on <= since
        yield query.where(is_old, subject.is_not(None), ~newer.exists())


def _rows() -> Select[*tuple[Any, ...]]:
    holder = func.coalesce(KpiObservation.relationship_id, KpiObservation.organisation_id)
    return (
        select(
            text_of(KpiObservation.definition_id),
            text_of(holder),
            # as the driver gives them: there are few, each in very many rows
            type_coerce(KpiObservation.period_from_on, NullType()),
            type_coerce(KpiObservation.period_until_on, NullType()),
            type_coerce(KpiObservation.as_of_on, NullType()),
            KpiObservation.value,
            KpiObservation.numerator,
            KpiObservation.denominator,
        )
        .join(KpiBatch, KpiBatch.id == KpiObservation.batch_id)
        .order_by(KpiObservation.period_until_on, KpiObservation.recorded_at)
    )


def _whose(programme: Programme, holders: Holders) -> ColumnElement[bool]:
    """Say whose values are read: everybody's of the programme, or those of a few by their index.

    Naming the programme as well would make SQLite read every observation of a KPI for the few.
    """
    if len(holders.relationships) > FEW:
        return KpiObservation.programme_id == programme.id
    these = (Relationship.programme_id == programme.id, holders.among)
    return or_(
        KpiObservation.relationship_id.in_(select(Relationship.id).where(*these)),
        KpiObservation.organisation_id.in_(select(Relationship.supplier_id).where(*these)),
    )


def _newer(
    definitions: Sequence[KpiDefinition], subject: Subject, *, on: date
) -> Select[uuid.UUID]:
    """Select what holds of the same subject and is newer than the row looked at."""
    newer, batch = aliased(KpiObservation), aliased(KpiBatch)
    return (
        select(newer.id)
        .join(batch, batch.id == newer.batch_id)
        .where(
            getattr(newer, subject.key) == subject,
            newer.definition_id == KpiObservation.definition_id,
            newer.period_until_on > KpiObservation.period_until_on,
            *visible(definitions, on=on, known_at=None, of=newer, batch=batch),
        )
    )
