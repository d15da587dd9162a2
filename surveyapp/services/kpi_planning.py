"""What a file of observations would add: its values held against what is stored."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyapp.errors import Problem
from surveyapp.models.kpis import KpiAggregation, KpiBatch, KpiDefinition, KpiObservation
from surveyapp.models.programmes import Programme
from surveyapp.services import kpis
from surveyapp.services.kpi_cells import Period
from surveyapp.services.kpi_sheets import Parsed, Record
from surveyapp.services.kpi_subjects import Holder, Objection, Subjects
from surveyapp.tabular.table import Table, cell_address

Key = tuple[uuid.UUID, Holder, Period]
"""KPI, subject, period: of these one value holds."""


class Stored(NamedTuple):
    """What holds now for one key."""

    value: float
    numerator: float | None
    denominator: float | None
    as_of_on: date


@dataclass(slots=True)
class Plan:
    """Rows to add, and everything that stands against it."""

    table: Table
    problems: list[Problem]
    notices: list[str] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    new: Counter[str] = field(default_factory=Counter)
    corrected: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)


def plan(session: Session, programme: Programme, parsed: Parsed, *, on: date) -> Plan:
    """Decide for each value of a file whether it is new, a correction or stored already.

    Four queries, however many rows the file has. ``on`` is the day of the import.
    """
    planned = Plan(parsed.table, list(parsed.problems))
    if not parsed.records:
        return planned
    # as they are now, not as they were when the cells were read
    in_use = {each.id: each for each in kpis.listed(session, programme)}
    subjects = Subjects(session, programme)
    held = _stored(session, programme, parsed.records)
    seen: dict[Key, Record] = {}
    for record in parsed.records:
        found = _placed(record, in_use, subjects, on=on)
        if isinstance(found, Objection):
            planned.problems.append(_problem(parsed, record, found))
        elif found in seen:
            planned.problems.append(_doubled(parsed, record, seen[found]))
        else:
            seen[found] = record
            _sort(planned, in_use[record.definition_id], found, record, held.get(found), on=on)
    planned.problems += _overlaps(parsed, seen, held, in_use)
    planned.notices += subjects.notices(parsed.records)
    return planned


def _placed(
    record: Record, in_use: Mapping[uuid.UUID, KpiDefinition], subjects: Subjects, *, on: date
) -> Key | Objection:
    if record.definition_id not in in_use:
        return Objection("This KPI was retired meanwhile. Load the file again.")
    if objection := _about_days(record, on):
        return objection
    holder = subjects.find(record.subject)
    if isinstance(holder, Objection):
        return holder
    return record.definition_id, holder, record.period


def _about_days(record: Record, on: date) -> Objection | None:
    period, as_of = record.period, record.as_of_on
    if period.from_on > on:
        message = f"The period {period} has not begun. Facts are about what was."
        return Objection(message, ("period", "from"))
    if as_of is None:
        return None
    if as_of > on:
        return Objection(f"{as_of} lies in the future. Facts stand for a day that was.", ("as_of",))
    earliest = period.until_on if period.until_on <= on else period.from_on
    if as_of < earliest:
        message = (
            f"{as_of} is too early for the period {period}. Write the day the source stands for."
        )
        return Objection(message, ("as_of",))
    return None


def _sort(
    planned: Plan, kpi: KpiDefinition, key: Key, record: Record, old: Stored | None, *, on: date
) -> None:
    if old and _is_same(old, record):
        planned.unchanged[kpi.slug] += 1
        return
    (planned.corrected if old else planned.new)[kpi.slug] += 1
    definition_id, (relationship_id, organisation_id), period = key
    planned.rows.append(
        {
            "definition_id": definition_id,
            "relationship_id": relationship_id,
            "organisation_id": organisation_id,
            "period_from_on": period.from_on,
            "period_until_on": period.until_on,
            "as_of_on": record.as_of_on or min(period.until_on, on),
            "value": record.value,
            "numerator": record.numerator,
            "denominator": record.denominator,
        }
    )


def _is_same(old: Stored, record: Record) -> bool:
    """Tell whether a file says what is stored. A day that nobody wrote is no news."""
    told = (record.value, record.numerator, record.denominator)
    is_redated = record.as_of_on is not None and record.as_of_on != old.as_of_on
    return told == (old.value, old.numerator, old.denominator) and not is_redated


def _stored(session: Session, programme: Programme, records: Sequence[Record]) -> dict[Key, Stored]:
    """Read what holds for the KPIs of a file in its time; of corrections the last."""
    query = (
        select(
            KpiObservation.definition_id,
            KpiObservation.relationship_id,
            KpiObservation.organisation_id,
            KpiObservation.period_from_on,
            KpiObservation.period_until_on,
            KpiObservation.value,
            KpiObservation.numerator,
            KpiObservation.denominator,
            KpiObservation.as_of_on,
        )
        .join(KpiBatch, KpiBatch.id == KpiObservation.batch_id)
        .where(
            KpiObservation.programme_id == programme.id,
            KpiObservation.definition_id.in_({record.definition_id for record in records}),
            KpiObservation.period_until_on >= min(record.period.from_on for record in records),
            KpiObservation.period_from_on <= max(record.period.until_on for record in records),
            KpiBatch.withdrawn_at.is_(None),
        )
        .order_by(KpiObservation.recorded_at)
    )
    held: dict[Key, Stored] = {}
    for row in session.execute(query):
        kpi, relationship, organisation, first, last, value, above, below, as_of = row
        stored = Stored(value, above, below, as_of)
        held[kpi, (relationship, organisation), Period(first, last)] = stored
    return held


def _overlaps(
    parsed: Parsed,
    seen: Mapping[Key, Record],
    held: Mapping[Key, Stored],
    in_use: Mapping[uuid.UUID, KpiDefinition],
) -> Iterator[Problem]:
    """Refuse a quarter beside its months, unless only the last value counts: it would count twice."""
    periods: dict[tuple[uuid.UUID, Holder], list[Period]] = defaultdict(list)
    for kpi, holder, period in {**held, **seen}:
        if kpi in in_use and in_use[kpi].aggregation is not KpiAggregation.LAST:
            periods[kpi, holder].append(period)
    for (kpi, holder), found in periods.items():
        reach, *rest = sorted(found)
        for period in rest:
            if period.overlaps(reach):
                pair = ((kpi, holder, period), (kpi, holder, reach))
                key, other = pair if pair[0] in seen else pair[::-1]
                if key in seen:
                    where = "in the file" if other in seen else "stored"
                    yield _overlap(parsed, seen[key], in_use[kpi], other[2], where)
            reach = max(reach, period, key=lambda each: each.until_on)


def _overlap(
    parsed: Parsed, record: Record, kpi: KpiDefinition, other: Period, where: str
) -> Problem:
    message = (
        f"{kpi.name}: the period {record.period} overlaps {other}, which is {where}, so days would"
        " count twice. Keep periods of one length."
    )
    return _problem(parsed, record, Objection(message, ("period", "from")))


def _doubled(parsed: Parsed, record: Record, first: Record) -> Problem:
    place = cell_address(parsed.table.name, first.row, first.column)
    message = f"This KPI of the same subject and period stands in {place} already. Keep one."
    return _problem(parsed, record, Objection(message))


def _problem(parsed: Parsed, record: Record, objection: Objection) -> Problem:
    if objection.columns:
        return Problem(parsed.place(record.row, *objection.columns), objection.message)
    return Problem(cell_address(parsed.table.name, record.row, record.column), objection.message)
