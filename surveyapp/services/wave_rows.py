"""Waves as rows: found, loaded whole, held, their steps put on record."""

import uuid
from datetime import datetime
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from surveyapp.errors import NotFound
from surveyapp.models.programmes import Programme
from surveyapp.models.waves import Wave
from surveyapp.services import audit

_HELD: Final = (
    *("state", "view", "list_rule", "guard_days", "opens_at", "closes_at"),
    *("launched_at", "opened_at", "closed_at", "severed_at"),
    *("unsent_days", "unsent_erased", "unsent_erased_at"),
    *("minimum_people", "minimum_suppliers", "minimum_comments", "cuts"),
)
_WHOLE: Final = (joinedload(Wave.questionnaire_version), joinedload(Wave.programme))


def find(session: Session, programme: Programme, slug: str) -> Wave:
    """Return the programme's wave of that slug, its questionnaire loaded. Raises NotFound."""
    wave = session.scalars(by_slug(programme, slug).options(*_WHOLE)).first()
    if wave is None:
        raise NotFound(f"There is no wave {slug!r} in {programme.name}.")
    return wave


def load(session: Session, wave_id: uuid.UUID) -> Wave:
    """Return the wave with its questionnaire and programme, for a job. Raises NotFound."""
    wave = session.scalars(select(Wave).where(Wave.id == wave_id).options(*_WHOLE)).first()
    if wave is None:
        raise NotFound(f"There is no wave {wave_id}.")
    return wave


def listed(session: Session, programme: Programme) -> list[Wave]:
    """Return the programme's waves, newest first, their questionnaires loaded."""
    return list(
        session.scalars(
            select(Wave)
            .where(Wave.programme_id == programme.id)
            .options(joinedload(Wave.questionnaire_version))
            .order_by(Wave.created_at.desc())
        )
    )


def hold(session: Session, wave: Wave) -> None:
    """Read the wave's state again and keep others from changing it until the commit.

    PostgreSQL: a row lock; whoever writes answers holds it shared. SQLite has one writer anyway.
    """
    session.refresh(wave, _HELD, with_for_update={"key_share": True})


def programme_of(session: Session, wave: Wave) -> Programme:
    """Return the wave's programme. Raises NotFound."""
    programme = session.get(Programme, wave.programme_id)
    if programme is None:
        raise NotFound(f"Wave {wave.slug} belongs to no programme.")
    return programme


def by_slug(programme: Programme, slug: str) -> Select[Wave]:
    """Select the programme's wave of that slug."""
    return select(Wave).where(Wave.programme_id == programme.id, Wave.slug == slug)


def record(
    session: Session,
    programme: Programme,
    wave: Wave,
    action: str,
    *,
    by: str,
    at: datetime,
    **details: str,
) -> None:
    """Put a step of the wave on record."""
    audit.record(session, programme, action, subject=f"wave:{wave.slug}", by=by, at=at, **details)
