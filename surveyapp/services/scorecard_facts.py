"""Facts of one relationship as a card shows them, and where they lie beside perception."""

import uuid
from datetime import date

from sqlalchemy.orm import Session

from surveyapp.models.kpis import KpiDirection
from surveyapp.models.programmes import Programme
from surveyapp.models.results import ScoreRun
from surveyapp.reports import context as said
from surveyapp.reports.context.detail import QUARTERS
from surveyapp.services import kpi_readings, scorecard_numbers
from surveyapp.services.kpi_readings import Reading
from surveyapp.services.run_files import RunFile


def facts(
    session: Session, run: ScoreRun, programme: Programme, relationship_id: uuid.UUID
) -> tuple[said.Fact, ...]:
    """Return every fact of a relationship as the run knew it."""
    told = run.summary.get("facts_on")
    if told is None:
        return ()
    readings = kpi_readings.read(
        session,
        programme,
        [relationship_id],
        on=date.fromisoformat(told),
        known_at=run.created_at,
    )
    return tuple(_fact(each) for each in readings.of(relationship_id))


def _fact(reading: Reading) -> said.Fact:
    definition = reading.definition
    is_high_better = definition.direction is KpiDirection.HIGHER
    return said.Fact(
        key=definition.slug,
        name=definition.name,
        unit=definition.unit.value,
        value=reading.value,
        as_of=reading.newest_on,
        age_days=reading.age_days,
        is_stale=reading.is_stale,
        currency=definition.currency if definition.unit.value == "money" else "",
        target=definition.target,
        direction="at least" if is_high_better else "at most",
        missed_running=reading.missed_running,
        series=tuple(reading.series)[-QUARTERS:],
        is_inherited=reading.is_inherited,
        source=definition.source,
        is_scored=definition.is_scored,
    )


def quadrant(file: RunFile, position: int, *, minimum: int) -> said.Quadrant | None:
    """Lay facts beside perception; None where no current fact is scored.

    The others are points without a name, and only those that rest on enough people.
    """
    if "facts" not in file.contrasts or file.number("facts", position).n == 0:
        return None
    seq, known = file.numbers("seq"), file.numbers("facts")
    others = [
        said.Neighbour(perception=50 + 10 * float(seq[other, 2]), facts=50 + 10 * float(z))
        for other, z in enumerate(known[:, 2])
        if other != position and known[other, 4] > 0 and seq[other, 4] >= max(minimum, 1)
    ]
    interval = scorecard_numbers.interval(file.number("facts", position))
    return said.Quadrant(facts=interval, others=tuple(others))
