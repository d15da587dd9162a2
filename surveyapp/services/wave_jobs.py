"""The jobs a wave asks for: its invitations, its scores; and mail again that a close had dropped."""

from datetime import datetime
from importlib import metadata
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from surveyapp.errors import Conflict
from surveyapp.models.jobs import Job, JobState
from surveyapp.models.mail import MailState, OutgoingMail
from surveyapp.models.programmes import Programme
from surveyapp.models.results import ReferenceOrigin, ReferenceSet
from surveyapp.models.scoring_rules import ScoringRule
from surveyapp.models.waves import Wave
from surveyapp.services import jobs

INVITATION: Final = "invitation"
"""The step of the first mail."""
SEVERING: Final = "sever-wave"
"""The job that keeps the promise of anonymity at the close."""


def request_invitations(session: Session, wave: Wave, *, at: datetime) -> Job:
    """Ask for the invitations of a launching wave to be written."""
    return jobs.request(
        session,
        "launch-wave",
        key=f"launch:{wave.id}",
        arguments={"wave": str(wave.id)},
        programme=_programme(session, wave),
        at=at,
    )


def request_severing(session: Session, wave: Wave, *, by: str, at: datetime) -> Job:
    """Ask for a closed wave's anonymous answers to be severed from people; its scores follow."""
    return jobs.request(
        session,
        SEVERING,
        key=f"sever:{wave.id}",
        arguments={"wave": str(wave.id), "by": by},
        programme=_programme(session, wave),
        at=at,
    )


def queue_dropped_invitations(session: Session, wave: Wave, *, at: datetime) -> int:
    """Queue invitations again that a close had overtaken; return how many.

    Whoever opted out or answered meanwhile is seen to when the mail is claimed.
    """
    again = session.scalars(
        update(OutgoingMail)
        .where(
            OutgoingMail.wave_id == wave.id,
            OutgoingMail.step == INVITATION,
            OutgoingMail.state == MailState.DROPPED,
        )
        .values(state=MailState.QUEUED, attempts=0, due_at=at, error="")
        .returning(OutgoingMail.id)
        .execution_options(synchronize_session=False)
    )
    return len(again.all())


def request_scores(session: Session, wave: Wave, *, by: str, at: datetime) -> Job:
    """Ask for a scoring run of a closed wave; the same answers and code give the same run again.

    After an upgrade the job is a new one, so the answers are scored by the new code; so it is after
    a rule was approved, or a reference set imported or retired.
    """
    if wave.closed_at is None:
        raise Conflict(f"Wave {wave.slug} is {wave.state}. Close it before it is scored.")
    return jobs.request(
        session,
        "score-wave",
        key=f"{_scoring(wave)}{wave.closed_at.isoformat()}:{metadata.version('surveyapp')}"
        + _published(session, wave),
        arguments={"wave": str(wave.id), "by": by},
        programme=_programme(session, wave),
        at=at,
    )


def _published(session: Session, wave: Wave) -> str:
    """Name what was decided of scoring since the beginning; empty where nothing was."""
    of_programme = (
        select(func.count(ScoringRule.id)).where(ScoringRule.programme_id == wave.programme_id),
        select(func.count(ReferenceSet.id)).where(
            ReferenceSet.programme_id == wave.programme_id,
            ReferenceSet.origin == ReferenceOrigin.IMPORTED,
        ),
        select(func.count(ReferenceSet.retired_at)).where(
            ReferenceSet.programme_id == wave.programme_id
        ),
    )
    decided = [session.scalar(query) or 0 for query in of_programme]
    return ":" + ".".join(map(str, decided)) if any(decided) else ""


def require_not_being_scored(session: Session, wave: Wave) -> None:
    """Refuse to reopen while the scores of the close are being made: the job would find it open.

    Raises
    ------
    Conflict
        Its scoring job waits or runs.
    """
    under_way = session.scalars(
        select(Job.id).where(
            Job.kind == "score-wave",
            Job.key.startswith(_scoring(wave)),
            Job.state.in_((JobState.QUEUED, JobState.RUNNING)),
        )
    ).first()
    if under_way is not None:
        raise Conflict(f"Wave {wave.slug} is being scored. Reopen it once that is done.")


def _scoring(wave: Wave) -> str:
    return f"score:{wave.id}:"


def _programme(session: Session, wave: Wave) -> Programme:
    return session.get_one(Programme, wave.programme_id)
