"""The facts of one relationship as a page shows them; include ``kpis/_facts.html`` with them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from markupsafe import Markup

from surveyapp.clock import today
from surveyapp.extensions import db
from surveyapp.models.kpis import KpiAggregation
from surveyapp.reports.charts.sparkline import State, sparkline
from surveyapp.services import kpi_readings
from surveyapp.services.kpi_cells import Period
from surveyapp.services.kpi_lists import LATE
from surveyapp.services.kpi_readings import Reading
from surveyapp.web import guards
from surveyapp.web.kpis import pages

_QUARTER_DAYS = 365.25 / 4


@dataclass(frozen=True, slots=True)
class Fact:
    """One row."""

    reading: Reading
    value: str
    target: str
    """Empty without one."""
    age: str
    chart: Markup
    is_late: bool
    """Current, and the target was missed three quarters running: somebody must act."""


def of_relationship(relationship_id: uuid.UUID) -> list[Fact]:
    """Return the facts of one relationship, which the caller has found to be the asker's to see."""
    programme = guards.programme()
    readings = kpi_readings.read(db.session(), programme, [relationship_id], on=today())
    return [shown(each, readings.quarters) for each in readings.of(relationship_id)]


def shown(reading: Reading, axis: Sequence[Period]) -> Fact:
    """Put one reading into words and a line."""
    definition = reading.definition
    is_late = not reading.is_stale and reading.missed_running >= LATE
    state: State = "stale" if reading.is_stale else "late" if is_late else "current"
    target = definition.target
    if target is not None and definition.aggregation is KpiAggregation.SUM:
        target *= _QUARTER_DAYS / definition.window_days
    return Fact(
        reading=reading,
        value=pages.value(definition, reading.value),
        target="" if definition.target is None else pages.value(definition, definition.target),
        age=pages.age(reading.age_days),
        chart=sparkline(reading.series, target, state=state, title=_title(reading, axis)),
        is_late=is_late,
    )


def _title(reading: Reading, axis: Sequence[Period]) -> str:
    """Say the line in words: it is all that some readers get of it."""
    known = [
        f"{_quarter(quarter)} {pages.value(reading.definition, value)}"
        for quarter, value in zip(axis, reading.series, strict=True)
        if value is not None
    ]
    if not known:
        return str(_("%(name)s: no value in the last eight quarters", name=reading.definition.name))
    return f"{reading.definition.name}: {', '.join(known)}"


def _quarter(quarter: Period) -> str:
    return f"{quarter.from_on.year}Q{(quarter.from_on.month + 2) // 3}"
