"""What a programme has beside its people and waves: reminders, jobs, imports, facts."""

import random
import uuid
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from benchmarks import bulk
from benchmarks.programmes_at_size import Made
from surveyapp.models.imports import ImportBatch
from surveyapp.models.jobs import Job, JobState
from surveyapp.models.kpis import KpiBatch, KpiObservation
from surveyapp.models.reminders import Reminder, ReminderState
from surveyapp.models.waves import Wave
from tests.services import kpi_world

_JOBS: Final = 2_000
_IMPORTS: Final = 120
_KPIS: Final = ("on_time", "complete", "first_time_right")
_QUARTERS: Final = 2


def write(session: Session, made: Made, wave: Wave, at: datetime) -> None:
    """Write reminders, jobs and imports."""
    programme_id = made.programme.id
    session.add_all(
        Reminder(
            programme_id=programme_id,
            wave_id=wave.id,
            number=number,
            state=state,
            due_at=at + timedelta(days=days),
            by="benchmark",
            created_at=at,
        )
        for number, state, days in ((1, ReminderState.DONE, -6), (2, ReminderState.PLANNED, 2))
    )
    bulk.write(
        session,
        Job,
        (
            {
                "id": uuid.uuid4(),
                "programme_id": programme_id,
                "kind": "build-scorecard",
                "key": f"benchmark:{number}",
                "state": JobState.DONE if number % 50 else JobState.FAILED,
                "error": "" if number % 50 else "It could not be drawn.",
                "arguments": {},
                "attempts": 1,
                "created_at": at - timedelta(minutes=number),
                "due_at": at,
                "finished_at": at,
            }
            for number in range(_JOBS)
        ),
    )
    session.add_all(
        ImportBatch(
            programme_id=programme_id, by="benchmark", created_at=at - timedelta(hours=number)
        )
        for number in range(_IMPORTS)
    )
    session.flush()


def record_facts(session: Session, made: Made, at: datetime) -> None:
    """Record a value of some KPIs for each relationship and quarter."""
    programme = made.programme
    batch = KpiBatch(
        programme_id=programme.id,
        name="facts.csv",
        sha256="0" * 64,
        by="benchmark",
        recorded_at=at,
    )
    session.add(batch)
    kpis = [kpi_world.define(session, programme, kpi_world.share(slug), at=at) for slug in _KPIS]
    session.flush()
    ends = [at.date() - timedelta(days=20 + 91 * back) for back in range(_QUARTERS)]
    chance = random.Random(1)
    bulk.write(
        session,
        KpiObservation,
        (
            {
                "id": uuid.uuid4(),
                "programme_id": programme.id,
                "definition_id": definition.id,
                "batch_id": batch.id,
                "relationship_id": relationship,
                "period_from_on": end - timedelta(days=90),
                "period_until_on": end,
                "as_of_on": end,
                "recorded_at": at,
                "value": chance.randrange(50, 101) / 100,
                "numerator": None,
                "denominator": None,
            }
            for definition in kpis
            for relationship in made.relationships
            for end in ends
        ),
    )
