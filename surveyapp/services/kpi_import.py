"""Observations from an owner's file, all or nothing; the same file again adds nothing."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from surveyapp.errors import Conflict, ImportRefused, NotFound, Problem
from surveyapp.models.kpis import KpiBatch, KpiObservation
from surveyapp.models.programmes import Programme
from surveyapp.services import audit, kpi_planning, kpis, listing
from surveyapp.services.kpi_planning import Plan
from surveyapp.services.kpi_sheets import Parsed
from surveyapp.services.kpi_sheets import parse as parse_sheet
from surveyapp.services.listing import Order, Page
from surveyapp.tabular.table import Table

_CHUNK: Final = 5000
_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do, or why it will not."""

    problems: list[Problem]
    notices: list[str]
    new: Mapping[str, int] = field(default_factory=dict)
    """Values for periods that had none, by KPI."""
    corrected: Mapping[str, int] = field(default_factory=dict)
    """Values that replace another; both are kept."""
    unchanged: Mapping[str, int] = field(default_factory=dict)

    @property
    def adds(self) -> int:
        """How many observations would be stored."""
        return sum(self.new.values()) + sum(self.corrected.values())


@dataclass(frozen=True, slots=True)
class Done:
    """What an import did."""

    preview: Preview
    batch_id: uuid.UUID | None
    """None: there was nothing to add."""


def parse(session: Session, programme: Programme, table: Table) -> Parsed:
    """Read every cell of a file against the KPIs in use. Slow, so it is called before any transaction."""
    return parse_sheet(table, kpis.listed(session, programme))


def preview(
    session: Session, programme: Programme, table: Table | Parsed, *, at: datetime
) -> Preview:
    """Say what an import would do. Reads only."""
    return _seen(_plan(session, programme, table, at))


def commit(
    session: Session, programme: Programme, table: Table | Parsed, *, by: str, at: datetime
) -> Done:
    """Store everything, or nothing and say why. A file that adds nothing leaves no trace.

    Raises
    ------
    ImportRefused
        With every problem of the file.
    """
    audit.take_turn(session, programme.id)  # so that of two imports the second sees the first
    plan = _plan(session, programme, table, at)
    done = _seen(plan)
    if done.problems:
        raise ImportRefused("Nothing was imported.", done.problems)
    if not plan.rows:
        return Done(done, None)
    batch = _batch(session, programme, plan.table, by=by, at=at)
    for start in range(0, len(plan.rows), _CHUNK):
        rows = [
            {
                **row,
                "id": uuid.uuid4(),
                "programme_id": programme.id,
                "batch_id": batch.id,
                "recorded_at": batch.recorded_at,
            }
            for row in plan.rows[start : start + _CHUNK]
        ]
        session.execute(insert(KpiObservation), rows)
    audit.record(
        session,
        programme,
        "kpis.imported",
        subject=f"kpi-batch:{batch.id}",
        by=by,
        at=at,
        file=plan.table.name,
        sha256=plan.table.sha256,
        new=sum(done.new.values()),
        corrected=sum(done.corrected.values()),
        unchanged=sum(done.unchanged.values()),
    )
    return Done(done, batch.id)


def withdraw(
    session: Session, programme: Programme, batch_id: uuid.UUID, *, by: str, at: datetime
) -> int:
    """Take a batch in error out of every reading from now on; return how many values it holds.

    Nothing is deleted: what was known before stays known. What the batch had corrected stands again.

    Raises
    ------
    NotFound
        There is no such batch.
    Conflict
        It is withdrawn already.
    """
    audit.take_turn(session, programme.id)
    batch = find(session, programme, batch_id)
    at = max(at, batch.recorded_at)
    won = session.scalars(
        update(KpiBatch)
        .where(KpiBatch.id == batch_id, KpiBatch.withdrawn_at.is_(None))
        .values(withdrawn_at=at)
        .returning(KpiBatch.id)
    ).first()
    if won is None:
        raise Conflict("This import of facts is withdrawn already.")
    count = session.scalar(
        select(func.count()).where(KpiObservation.batch_id == batch_id).select_from(KpiObservation)
    )
    subject = f"kpi-batch:{batch_id}"
    audit.record(
        session,
        programme,
        "kpis.withdrawn",
        subject=subject,
        by=by,
        at=at,
        file=batch.name,
        observations=count or 0,
    )
    return count or 0


def find(session: Session, programme: Programme, batch_id: uuid.UUID) -> KpiBatch:
    """Return a batch of this programme. Raises NotFound."""
    batch = session.get(KpiBatch, batch_id)
    if batch is None or batch.programme_id != programme.id:
        raise NotFound("There is no such import of facts.")
    return batch


def listed(session: Session, programme: Programme, *, number: int) -> Page[tuple[KpiBatch, int]]:
    """Return one page of the batches with how many values each holds, newest first."""
    held = (
        select(func.count())
        .where(KpiObservation.batch_id == KpiBatch.id)
        .select_from(KpiObservation)
        .scalar_subquery()
    )
    page = listing.paged(
        session,
        select(KpiBatch, held).where(KpiBatch.programme_id == programme.id),
        columns={"recorded": KpiBatch.recorded_at},
        order=Order("recorded", is_descending=True),
        number=number,
        tie=KpiBatch.id,
    )
    return page.with_rows([(row[0], row[1]) for row in page.rows])


def _plan(session: Session, programme: Programme, table: Table | Parsed, at: datetime) -> Plan:
    parsed = parse(session, programme, table) if isinstance(table, Table) else table
    return kpi_planning.plan(session, programme, parsed, on=at.date())


def _seen(plan: Plan) -> Preview:
    return Preview(
        problems=sorted(plan.problems, key=_in_file_order),
        notices=[*plan.table.notices, *plan.notices],
        new=plan.new,
        corrected=plan.corrected,
        unchanged=plan.unchanged,
    )


def _batch(
    session: Session, programme: Programme, table: Table, *, by: str, at: datetime
) -> KpiBatch:
    """Begin a batch, later than every one before: the later of two values is the one that holds."""
    newest = session.scalar(
        select(func.max(KpiBatch.recorded_at)).where(KpiBatch.programme_id == programme.id)
    )
    batch = KpiBatch(
        programme_id=programme.id,
        name=table.name[:_NAME],
        sha256=table.sha256,
        by=by,
        recorded_at=max(at, newest + timedelta(microseconds=1)) if newest else at,
        withdrawn_at=None,
    )
    session.add(batch)
    session.flush()
    return batch


def _in_file_order(problem: Problem) -> tuple[int, str]:
    digits = "".join(sign for sign in problem.place.rpartition("!")[2] if sign.isdigit())
    return int(digits or 0), problem.place
