"""Assignments by the name in their pages' addresses: found, held while answers are written, open or not."""

from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import Session, contains_eager, joinedload, load_only

from surveyapp.errors import NotFound, WaveStateError
from surveyapp.models.accounts import Contact, Organisation, Relationship
from surveyapp.models.definitions import QuestionnaireVersion
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.programmes import Programme
from surveyapp.models.responses import HeldPage
from surveyapp.models.waves import Wave
from surveyapp.services import invitations
from surveyapp.services.invitations import Status

# written once: putting a statement of this size together costs as much as carrying it out. It names the
# columns that pages read, for each costs; one that is missing here is read when it is asked for
# Outer joins, though every parent is there: PostgreSQL then begins at the slug, also before it knows how
# large tables are; joined otherwise it went through all contacts of the programme
_NAMED: Final = Assignment.slug == bindparam("slug")
_OF_WAVE: Final = load_only(
    *(Wave.slug, Wave.view, Wave.state, Wave.launched_at, Wave.closes_at, Wave.closed_at),
    *(Wave.minimum_people, Wave.minimum_suppliers, Wave.minimum_comments),
    *(Wave.cuts, Wave.unsent_days, Wave.severed_at),
)
# the text is read where its hash is not known yet: services/definitions.py
_OF_VERSION: Final = load_only(QuestionnaireVersion.sha256)
_OF_RELATIONSHIP: Final = load_only(
    *(Relationship.product_line, Relationship.service_team, Relationship.region),
    *(Relationship.segment, Relationship.currency),
    *(Relationship.annual_value, Relationship.renewal_on),
)
_OF_PROGRAMME: Final = load_only(
    *(Programme.slug, Programme.name, Programme.owner, Programme.data_note),
    *(Programme.minimum_confidential, Programme.minimum_suppliers),
    *(Programme.minimum_anonymous, Programme.minimum_comments),
)
_WHOLE: Final = (
    select(Assignment)
    .where(_NAMED)
    .options(
        joinedload(Assignment.wave).options(_OF_WAVE),
        joinedload(Assignment.questionnaire_version).options(_OF_VERSION),
        joinedload(Assignment.invitation).options(
            load_only(Invitation.locale, Invitation.started_at),
            joinedload(Invitation.contact).load_only(Contact.name, Contact.locale),
            joinedload(Invitation.programme).options(_OF_PROGRAMME),
        ),
        joinedload(Assignment.relationship).options(
            _OF_RELATIONSHIP,
            joinedload(Relationship.buyer).load_only(Organisation.name),
            joinedload(Relationship.supplier).load_only(Organisation.name),
        ),
    )
)
_WHOLE_WITH_HELD: Final = _WHOLE.add_columns(
    exists().where(HeldPage.assignment_id == Assignment.id).correlate(Assignment)
)
_LIGHT: Final = (
    select(Assignment)
    .join(Assignment.wave)
    .where(_NAMED)
    .options(
        contains_eager(Assignment.wave).options(_OF_WAVE),
        joinedload(Assignment.questionnaire_version).options(_OF_VERSION),
    )
)
# PostgreSQL: posts of one assignment take turns, others are not held up; SQLite: one writer
_WHOLE_HELD: Final = _WHOLE.with_for_update(of=Assignment)
# PostgreSQL takes locks in the order they are written: the wave's first, as whoever closes it does
_LIGHT_HELD: Final = _LIGHT.with_for_update(read=True, of=Wave).suffix_with(
    f"FOR UPDATE OF {Assignment.__tablename__}", dialect="postgresql"
)
_WAVE_HELD: Final = (
    select(Wave.id)
    .where(Wave.id == select(Assignment.wave_id).where(_NAMED).scalar_subquery())
    .with_for_update(read=True)
)


def find(session: Session, slug: str, *, lock: bool = False) -> Assignment:
    """Load an assignment with all its pages need, and let no other post of it by. Raises NotFound."""
    if lock:
        _hold_wave(session, slug)
    return _one(session.scalars(_WHOLE_HELD if lock else _WHOLE, {"slug": slug}).first())


def find_with_held(session: Session, slug: str) -> tuple[Assignment, bool]:
    """Load the same for a page, and tell whether pages of it are kept. Raises NotFound."""
    row = session.execute(_WHOLE_WITH_HELD, {"slug": slug}).first()
    return _one(row[0] if row else None), bool(row and row[1])


def hold(session: Session, slug: str) -> Assignment:
    """Let no other post of an assignment by; load what tells whether it is open. Raises NotFound.

    The wave is kept from closing as well, by the same statement: what it waited for is read as it is then.
    """
    return _one(session.scalars(_LIGHT_HELD, {"slug": slug}).first())


def _one(found: Assignment | None) -> Assignment:
    if found is None:
        raise NotFound("There is no such questionnaire.")
    return found


def _hold_wave(session: Session, slug: str) -> None:
    """Keep the wave from closing until the commit, so its scores miss no answer that got a receipt.

    PostgreSQL: many hold it shared at once, closing waits for them. SQLite has one writer anyway.
    """
    if session.get_bind().dialect.name != "sqlite":
        session.execute(_WAVE_HELD, {"slug": slug})


def status_of(assignment: Assignment, *, at: datetime) -> Status:
    """Say whether it can be answered now."""
    is_answered = invitations.has_sent(assignment, assignment.wave, at=at)
    return invitations.status_of(assignment.wave, is_answered=is_answered, at=at)


def require_open(assignment: Assignment, *, at: datetime) -> None:
    """Refuse an answer that comes too late. Raises WaveStateError."""
    if (status := status_of(assignment, at=at)) != "open":
        raise WaveStateError(f"The questionnaire is {status}.")
