"""Waves: make, launch, close. Writing the invitations and scoring are jobs that these ask for."""

import re
import uuid
from datetime import date, datetime
from importlib import metadata
from typing import Final, assert_never

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from surveyapp.errors import Conflict, Invalid, NotFound
from surveyapp.models.accounts import Contact, Side, Stakeholder
from surveyapp.models.definitions import QuestionnaireVersion
from surveyapp.models.jobs import Job
from surveyapp.models.programmes import Programme
from surveyapp.models.waves import View, Wave, WaveState
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.loading import from_canonical_json
from surveyapp.services import audit, jobs

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
_LONGEST_NAME: Final = 300
_STATE: Final = ("state", "list_rule", "closes_at", "launched_at", "opened_at", "closed_at")


def side_of(view: View) -> Side:
    """Return the side whose people are asked in this view."""
    match view:
        case View.BUYER_ON_SUPPLIER:
            return Side.BUYER
        case View.SUPPLIER_ON_BUYER | View.SUPPLIER_ON_ITSELF:
            return Side.SUPPLIER
        case _:
            assert_never(view)


def create(
    session: Session,
    programme: Programme,
    *,
    slug: str,
    name: str,
    view: View,
    version: QuestionnaireVersion,
    closes_at: datetime,
    by: str,
    at: datetime,
) -> Wave:
    """Draft a wave. Nobody is asked before it is launched.

    Raises
    ------
    Invalid
        A short name, name, view or closing time that cannot be used.
    Conflict
        The short name is taken.
    """
    if not _SLUG.fullmatch(slug):
        raise Invalid(
            f"{slug!r} cannot be a wave's short name. Use 1 to 64 of a-z, 0-9 and hyphens."
        )
    name = " ".join(name.split())
    if not 0 < len(name) <= _LONGEST_NAME:
        raise Invalid(f"A wave's name has 1 to {_LONGEST_NAME} characters; this has {len(name)}.")
    questionnaire = from_canonical_json(version.canonical_json)
    _require_kept_promise(questionnaire)
    views = questionnaire.views
    if view.value not in views:
        raise Invalid(
            f"{version.questionnaire_id} is written for {' and '.join(views)}, not for {view}."
            " Choose one of its views or another questionnaire."
        )
    if session.scalars(_by_slug(programme, slug)).first() is not None:
        raise Conflict(
            f"There is already a wave {slug!r} in {programme.name}. Choose another short name."
        )
    if closes_at <= at:
        raise Invalid(f"A wave cannot close at {closes_at:%Y-%m-%d %H:%M} UTC: that is past.")
    wave = Wave(
        programme_id=programme.id,
        slug=slug,
        name=name,
        view=view,
        questionnaire_version_id=version.id,
        closes_at=closes_at,
        created_at=at,
        list_rule={},
    )
    session.add(wave)
    session.flush()
    audit.record(session, programme, "wave.created", subject=f"wave:{slug}", by=by, at=at)
    return wave


def find(session: Session, programme: Programme, slug: str) -> Wave:
    """Return the programme's wave of that slug, its questionnaire loaded. Raises NotFound."""
    wave = session.scalars(
        _by_slug(programme, slug).options(
            joinedload(Wave.questionnaire_version), joinedload(Wave.programme)
        )
    ).first()
    if wave is None:
        raise NotFound(f"There is no wave {slug!r} in {programme.name}.")
    return wave


def listed(session: Session, programme: Programme) -> list[Wave]:
    """Return the programme's waves, newest first."""
    return list(
        session.scalars(
            select(Wave).where(Wave.programme_id == programme.id).order_by(Wave.created_at.desc())
        )
    )


def launch(session: Session, wave: Wave, *, by: str, at: datetime) -> Job:
    """Freeze who is asked and ask for the job that invites them in chunks.

    Contacts who opted out, and parts that have ended or not begun, are not asked.
    """
    programme = _programme_of(session, wave)
    hold(session, wave)
    side = side_of(wave.view)
    wave.launch(
        at=at, list_rule={"side": side.value, "relationships": "all", "on": at.date().isoformat()}
    )
    if not session.scalar(people_asked(wave)):
        raise Invalid(
            f"Nobody stands on the {side} side of any relationship in {programme.name} now, so there"
            " is nobody to ask. Import stakeholders first."
        )
    session.flush()
    audit.record(session, programme, "wave.launched", subject=f"wave:{wave.slug}", by=by, at=at)
    return jobs.request(
        session,
        "launch-wave",
        key=f"launch:{wave.id}",
        arguments={"wave": str(wave.id)},
        programme=programme,
        at=at,
    )


def is_on_list(wave: Wave) -> ColumnElement[bool]:
    """Say which stakeholders' parts are asked, by the rule frozen at launch."""
    on = date.fromisoformat(wave.list_rule["on"])
    return and_(
        Stakeholder.programme_id == wave.programme_id,
        Stakeholder.side == Side(wave.list_rule["side"]),
        or_(Stakeholder.from_on.is_(None), Stakeholder.from_on <= on),
        or_(Stakeholder.until_on.is_(None), Stakeholder.until_on >= on),
    )


def people_asked(wave: Wave) -> Select[int]:
    """Count the contacts on a launched wave's list who have not opted out."""
    return (
        select(func.count(Stakeholder.contact_id.distinct()))
        .join(Contact, Contact.id == Stakeholder.contact_id)
        .where(is_on_list(wave), Contact.opted_out_at.is_(None))
    )


def hold(session: Session, wave: Wave) -> None:
    """Read the wave's state again and keep others from changing it until the commit.

    PostgreSQL: a row lock; whoever writes answers holds it shared. SQLite has one writer anyway.
    """
    session.refresh(wave, _STATE, with_for_update={"key_share": True})


def close(session: Session, wave: Wave, *, by: str, at: datetime) -> Job:
    """End the asking and ask for the wave's scores."""
    programme = _programme_of(session, wave)
    hold(session, wave)
    wave.close(at=at)
    session.flush()
    audit.record(session, programme, "wave.closed", subject=f"wave:{wave.slug}", by=by, at=at)
    return request_scores(session, wave, by=by, at=at)


def _require_kept_promise(questionnaire: Questionnaire) -> None:
    """Refuse anonymity until the close job exists that cuts answers from people."""
    items = [item.id for _, item in questionnaire.items() if item.anonymity == "anonymous"]
    if questionnaire.anonymity == "anonymous" or items:
        what = f"its items {', '.join(items)}" if items else "it"
        raise Invalid(
            f"{questionnaire.id} promises anonymity for {what}, which this version cannot keep yet."
            " Use a confidential questionnaire."
        )


def has_overdue(session: Session, *, at: datetime) -> bool:
    """Tell whether an open wave's closing time has passed."""
    return session.scalars(_overdue(at).limit(1)).first() is not None


def close_overdue(session: Session, *, at: datetime) -> None:
    """Close every open wave whose closing time has passed."""
    # another worker may be closing it: wait for that one, then look again
    for wave in session.scalars(_overdue(at).with_for_update(key_share=True)).all():
        close(session, wave, by="system", at=at)


def request_scores(session: Session, wave: Wave, *, by: str, at: datetime) -> Job:
    """Ask for a scoring run of a closed wave; the same answers and code give the same run again.

    After an upgrade the job is a new one, so the answers are scored by the new code.
    """
    if wave.closed_at is None:
        raise Conflict(f"Wave {wave.slug} is {wave.state}. Close it before it is scored.")
    return jobs.request(
        session,
        "score-wave",
        key=f"score:{wave.id}:{wave.closed_at.isoformat()}:{metadata.version('surveyapp')}",
        arguments={"wave": str(wave.id), "by": by},
        programme=_programme_of(session, wave),
        at=at,
    )


def _overdue(at: datetime) -> Select[Wave]:
    return select(Wave).where(Wave.state == WaveState.OPEN, Wave.closes_at <= at)


def _programme_of(session: Session, wave: Wave) -> Programme:
    programme = session.get(Programme, wave.programme_id)
    if programme is None:
        raise NotFound(f"Wave {wave.slug} belongs to no programme.")
    return programme


def _by_slug(programme: Programme, slug: str) -> Select[Wave]:
    return select(Wave).where(Wave.programme_id == programme.id, Wave.slug == slug)


def load(session: Session, wave_id: uuid.UUID) -> Wave:
    """Return the wave with its questionnaire and programme, for a job. Raises NotFound."""
    wave = session.scalars(
        select(Wave)
        .where(Wave.id == wave_id)
        .options(joinedload(Wave.questionnaire_version), joinedload(Wave.programme))
    ).first()
    if wave is None:
        raise NotFound(f"There is no wave {wave_id}.")
    return wave
