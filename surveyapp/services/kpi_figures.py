"""Observations of very many holders: what ``kpi_observed`` reads, by ids as the database writes them.

An object for each of tens of thousands of ids takes longer than reading them.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, Text, cast, func, or_, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased
from sqlalchemy.types import NullType

from surveyapp.models.accounts import Relationship
from surveyapp.models.kpis import KpiBatch, KpiDefinition, KpiObservation
from surveyapp.models.programmes import Programme
from surveyapp.services.kpi_observed import Subject, horizon, visible

FEW: Final = 1_000
"""Relationships; the values of more are read with all of the programme's."""
_AT_ONCE: Final = 500
"""Rows: these are gone again before Python looks for garbage among them."""


class Figure(NamedTuple):
    """One value that holds."""

    from_on: date
    until_on: date
    end_on: date
    """The period's last day or, while it runs, the day the value stands for."""
    value: float
    numerator: float | None
    denominator: float | None


@dataclass(frozen=True, slots=True)
class Holders:
    """Relationships and their suppliers, by ids as the database writes them."""

    among: ColumnElement[bool]
    """Which relationships of the programme these are."""
    relationships: Sequence[str]
    suppliers: Sequence[str]
    """Of each relationship."""


Figures = Mapping[str, Sequence[Figure]]
"""Those of one KPI by holder, in the order of their ends."""


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
) -> dict[str, Figures]:
    """Read by KPI what holds on a day, as known now; as far back as ``kpi_observed.observations``.

    Others of the programme may be among them.
    """
    found: dict[str, dict[str, list[Figure]]] = defaultdict(lambda: defaultdict(list))
    if definitions:
        for query in _queries(programme, definitions, holders, on):
            _take(session, query, found)
    by_id = {uuid.UUID(kpi): figures for kpi, figures in found.items()}
    return {each.slug: by_id.get(each.id, {}) for each in definitions}


def _take(
    session: Session,
    query: Select[*tuple[Any, ...]],
    found: Mapping[str, Mapping[str, list[Figure]]],
) -> None:
    """Add what a query finds; rows come by the last day of their period, corrections behind."""
    days = _Days()
    running: list[list[Figure]] = []
    # a session's own way, made for objects, takes half as long again
    for part in session.connection().execute(query).partitions(_AT_ONCE):
        for kpi, holder, first, last, as_of, value, above, below in part:
            known = found[kpi][holder]
            begin, until = days[first], days[last]
            end = until
            if as_of < last:
                end = days[as_of]
                running.append(known)
            # as the tuple it is: sixty thousand calls to make one add a tenth
            figure = tuple.__new__(Figure, (begin, until, end, value, above, below))
            if known and known[-1].until_on == until and known[-1].from_on == begin:
                known[-1] = figure
            else:
                known.append(figure)
    for known in running:
        known.sort(key=lambda figure: figure.end_on)


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
