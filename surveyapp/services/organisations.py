"""Organisations: found by what somebody types, added and changed in place."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from surveyapp.errors import NotFound
from surveyapp.models.accounts import Organisation, Relationship
from surveyapp.models.programmes import Programme
from surveyapp.services import access, audit, editing, matching
from surveyapp.services.editing import Facts, wrong


@dataclass(frozen=True, slots=True)
class OrganisationFacts(Facts):
    """What may be changed about an organisation."""

    name: str
    reference: str
    """Empty: the name stands for it."""
    country: str


def facts_of(organisation: Organisation) -> OrganisationFacts:
    """Return what is stored."""
    return OrganisationFacts(organisation.name, organisation.reference, organisation.country)


def find(
    session: Session, programme: Programme, organisation_id: uuid.UUID, *, actor: access.Actor
) -> Organisation:
    """Return an organisation that the asker sees. Raises NotFound."""
    query = select(Organisation).where(
        Organisation.programme_id == programme.id, Organisation.id == organisation_id
    )
    if not actor.sees_all:
        own = select(Relationship.id).where(
            access.own_relationships(actor),
            or_(
                Relationship.buyer_id == Organisation.id,
                Relationship.supplier_id == Organisation.id,
            ),
        )
        query = query.where(own.correlate(Organisation).exists())
    found = session.scalars(query).first()
    if found is None:
        raise NotFound("There is no such organisation.")
    return found


def named(session: Session, programme: Programme, typed: str, *, field: str) -> Organisation:
    """Return the one organisation with this reference, or else with this name in any case.

    Raises
    ------
    Invalid
        There is none, or the name fits several; ``field`` says where it was typed.
    """
    text = matching.normal(typed)
    everywhere = select(Organisation).where(Organisation.programme_id == programme.id)
    exact = session.scalars(everywhere.where(Organisation.reference == text)).first()
    if exact is not None:
        return exact
    by_name = session.scalars(
        everywhere.where(matching.is_same(text, Organisation.name)).limit(2)
    ).all()
    if len(by_name) == 1:
        return by_name[0]
    if by_name:
        raise wrong(
            field,
            f"Several organisations are called {text!r}. Write the reference of the one you mean.",
        )
    raise wrong(
        field,
        f"There is no organisation {text!r}. Mend the name or reference, or add the organisation"
        f" first.{_near(session, programme, text)}",
    )


def suggestions(session: Session, programme: Programme, *, most: int) -> list[str]:
    """Return the names of all organisations for a field that suggests them; none when too many."""
    names = session.scalars(
        select(Organisation.name)
        .where(Organisation.programme_id == programme.id)
        .order_by(func.lower(Organisation.name))
        .limit(most + 1)
    ).all()
    return list(dict.fromkeys(names)) if len(names) <= most else []


def create(
    session: Session, programme: Programme, facts: OrganisationFacts, *, by: str, at: datetime
) -> Organisation:
    """Add an organisation. Raises Invalid when its reference is taken."""
    audit.take_turn(session, programme.id)
    facts = _whole(facts)
    _require_free(session, programme, facts.reference)
    organisation = Organisation(
        programme_id=programme.id,
        name=facts.name,
        reference=facts.reference,
        country=facts.country,
        created_at=at,
    )
    session.add(organisation)
    session.flush()
    _record(session, programme, organisation, "organisation.added", by=by, at=at, name=facts.name)
    return organisation


def edit(
    session: Session,
    programme: Programme,
    organisation: Organisation,
    wanted: OrganisationFacts,
    *,
    seen: str,
    by: str,
    at: datetime,
) -> None:
    """Change an organisation's name, reference or country.

    Raises
    ------
    ChangedMeanwhile
        Somebody else did so since.
    Invalid
        The reference is taken.
    """
    audit.take_turn(session, programme.id)
    session.refresh(organisation)
    wanted = _whole(wanted)
    found = editing.changes(facts_of(organisation), wanted, seen=seen)
    if not found:
        return
    if "reference" in found:
        _require_free(session, programme, wanted.reference)
    organisation.name, organisation.country = wanted.name, wanted.country
    organisation.reference = wanted.reference
    session.flush()
    details = editing.on_record(found)
    _record(session, programme, organisation, "organisation.changed", by=by, at=at, **details)


def _whole(facts: OrganisationFacts) -> OrganisationFacts:
    return OrganisationFacts(facts.name, facts.reference or facts.name[:100], facts.country)


def _require_free(session: Session, programme: Programme, reference: str) -> None:
    holder = session.scalars(
        select(Organisation).where(
            Organisation.programme_id == programme.id, Organisation.reference == reference
        )
    ).first()
    if holder is not None:
        raise wrong(
            "reference",
            f"{holder.name} has the reference {reference!r} already. Write another, or use that"
            " organisation.",
        )


def _near(session: Session, programme: Programme, text: str) -> str:
    """Name some organisations that hold what was typed."""
    if not text:
        return ""
    columns = (Organisation.name, Organisation.reference)
    names = session.scalars(
        select(Organisation.name)
        .where(Organisation.programme_id == programme.id, matching.has_words(text, columns))
        .order_by(matching.rank(text, columns), Organisation.name)
        .limit(3)
    ).all()
    return f" Did you mean {' or '.join(names)}?" if names else ""


def _record(
    session: Session,
    programme: Programme,
    organisation: Organisation,
    action: str,
    *,
    by: str,
    at: datetime,
    **details: str,
) -> None:
    audit.record(
        session,
        programme,
        action,
        subject=f"organisation:{organisation.id}",
        by=by,
        at=at,
        **details,
    )
