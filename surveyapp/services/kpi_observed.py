"""Observations as they were known at some time: corrections applied, withdrawn batches left out."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, func, or_, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.types import NullType

from surveyapp.models.kpis import KpiBatch, KpiDefinition, KpiObservation
from surveyapp.models.programmes import Programme

_TREND: Final = timedelta(days=9 * 92)
"""Eight whole quarters, and the one that runs."""
AT_ONCE: Final = 10_000
"""Ids in one query; the databases' limits are above 30,000."""
Subject = InstrumentedAttribute[uuid.UUID | None]
"""The column that names a relationship, or an organisation."""


class Observed(NamedTuple):
    """One value that holds."""

    definition_id: uuid.UUID
    holder_id: uuid.UUID
    """Of the relationship or of the organisation."""
    end_on: date
    """The period's last day or, while it runs, the day the value stands for."""
    value: float
    numerator: float | None
    denominator: float | None


class Holders(NamedTuple):
    """Whose observations are read; None stands for everybody in the programme."""

    relationships: Collection[uuid.UUID] | None
    organisations: Collection[uuid.UUID] | None


Found = Mapping[tuple[uuid.UUID, uuid.UUID], list[Observed]]
"""Observations by KPI and holder, in the order of their ends."""


def observations(
    session: Session,
    programme: Programme,
    definitions: Sequence[KpiDefinition],
    holders: Holders,
    *,
    on: date,
    known_at: datetime | None,
) -> Found:
    """Read what holds on a day, far enough back for windows and trends; of older ones the newest."""
    if not definitions:
        return {}
    since = horizon(definitions, on=on)
    held: dict[tuple[Any, ...], Observed] = {}
    for subject, clause in _clauses(programme, holders):
        known = [*visible(definitions, on=on, known_at=known_at), clause]
        for query in (_newer(known, since, subject), _older(known, since, subject)):
            held.update(_read(session, query))  # a correction comes after what it corrects
    found: dict[tuple[uuid.UUID, uuid.UUID], list[Observed]] = defaultdict(list)
    for observed in held.values():
        found[observed.definition_id, observed.holder_id].append(observed)
    for each in found.values():
        each.sort(key=lambda observed: observed.end_on)
    return found


def visible(
    definitions: Sequence[KpiDefinition],
    *,
    on: date,
    known_at: datetime | None,
    of: type[KpiObservation] = KpiObservation,
    batch: type[KpiBatch] = KpiBatch,
) -> list[ColumnElement[bool]]:
    """Say which observations were made by a day and known at a time; None is now."""
    clauses = [
        of.definition_id.in_([each.id for each in definitions]),
        of.period_from_on <= on,
        or_(of.period_until_on <= on, of.as_of_on <= on),
    ]
    if known_at is None:
        return [*clauses, batch.withdrawn_at.is_(None)]
    still_there = or_(batch.withdrawn_at.is_(None), batch.withdrawn_at > known_at)
    return [*clauses, of.recorded_at <= known_at, still_there]


def horizon(definitions: Sequence[KpiDefinition], *, on: date) -> date:
    """Return a day before which nothing counts any more and no trend begins."""
    longest = max(max(each.window_days, 2 * each.half_life_days) for each in definitions)
    return on - max(timedelta(days=longest), _TREND)


def _newer(
    known: Sequence[ColumnElement[bool]], since: date, subject: Subject
) -> Select[*tuple[Any, ...]]:
    return _rows(subject).where(*known, KpiObservation.period_until_on > since)


def _older(
    known: Sequence[ColumnElement[bool]], since: date, subject: Subject
) -> Select[*tuple[Any, ...]]:
    """Of subjects that have nothing newer: the newest, so that a page can say how old it is."""
    newest = (
        select(
            KpiObservation.definition_id,
            subject.label("subject_id"),
            func.max(KpiObservation.period_until_on).label("until_on"),
        )
        .join(KpiBatch, KpiBatch.id == KpiObservation.batch_id)
        .where(*known)
        .group_by(KpiObservation.definition_id, subject)
        .having(func.max(KpiObservation.period_until_on) <= since)
        .subquery()
    )
    return (
        _rows(subject)
        .join(
            newest,
            (newest.c.definition_id == KpiObservation.definition_id)
            & (newest.c.until_on == KpiObservation.period_until_on)
            & (newest.c.subject_id == subject),
        )
        .where(*known)
    )


def _rows(subject: Subject) -> Select[*tuple[Any, ...]]:
    return (
        select(
            # as the driver gives them: there are few, and each row names two
            type_coerce(KpiObservation.definition_id, NullType()),
            type_coerce(subject, NullType()),
            KpiObservation.period_from_on,
            KpiObservation.period_until_on,
            KpiObservation.as_of_on,
            KpiObservation.value,
            KpiObservation.numerator,
            KpiObservation.denominator,
        )
        .join(KpiBatch, KpiBatch.id == KpiObservation.batch_id)
        .order_by(KpiObservation.recorded_at)
    )


def _read(
    session: Session, query: Select[*tuple[Any, ...]]
) -> Iterator[tuple[tuple[Any, ...], Observed]]:
    keys = _Keys()
    for kpi, holder, first, last, as_of, value, above, below in session.execute(query):
        yield (
            (kpi, holder, first, last),
            Observed(keys[kpi], keys[holder], min(last, as_of), value, above, below),
        )


class _Keys(dict[Any, uuid.UUID]):
    """Ids as SQLite (text) or PostgreSQL gives them, each converted once: half the time otherwise."""

    def __missing__(self, raw: uuid.UUID | str) -> uuid.UUID:
        found = self[raw] = raw if isinstance(raw, uuid.UUID) else uuid.UUID(raw)
        return found


def _clauses(
    programme: Programme, holders: Holders
) -> Iterator[tuple[Subject, ColumnElement[bool]]]:
    """Cut long lists of ids.

    Few holders are found by the index on them; naming the programme as well would make SQLite take
    the index on that and read every observation of a KPI.
    """
    for subject, wanted in (
        (KpiObservation.relationship_id, holders.relationships),
        (KpiObservation.organisation_id, holders.organisations),
    ):
        if wanted is None:
            yield subject, subject.is_not(None) & (KpiObservation.programme_id == programme.id)
            continue
        ids = sorted(wanted)
        for start in range(0, len(ids), AT_ONCE):
            yield subject, subject.in_(ids[start : start + AT_ONCE])
