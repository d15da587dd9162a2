"""Programmes: start one, find one."""

import re
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyapp.errors import Conflict, Invalid, NotFound
from surveyapp.models.programmes import Programme
from surveyapp.services import audit
from surveyapp.services.languages import language_tag

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
LONGEST = 300
"""Characters of a name, an owner or a note."""


def create(
    session: Session,
    *,
    slug: str,
    name: str,
    locale: str,
    data_note: str,
    by: str,
    at: datetime,
    owner: str = "",
) -> Programme:
    """Start a programme. ``owner`` is the company that asks; ``data_note`` says on every page what the data are when not the real thing.

    Raises
    ------
    Invalid
        A slug, name, language or note that cannot be used.
    Conflict
        The slug is taken.
    """
    name, owner, data_note = (" ".join(text.split()) for text in (name, owner, data_note))
    if not _SLUG.fullmatch(slug):
        raise Invalid(
            f"{slug!r} cannot be a programme's short name. Use 1 to 64 of a-z, 0-9 and hyphens,"
            " with no hyphen at the ends."
        )
    if not 0 < len(name) <= LONGEST:
        raise Invalid(f"A programme's name has 1 to {LONGEST} characters; this has {len(name)}.")
    if len(owner) > LONGEST:
        raise Invalid(f"The owner's name has {len(owner)} characters; {LONGEST} fit.")
    if len(data_note) > LONGEST:
        raise Invalid(f"The note about the data has {len(data_note)} characters; {LONGEST} fit.")
    programme = Programme(
        slug=slug,
        name=name,
        owner=owner,
        locale=locale_of(locale),
        data_note=data_note,
        created_at=at,
    )
    if session.scalars(select(Programme.id).where(Programme.slug == slug)).first():
        raise Conflict(f"There already is a programme {slug}. Choose another short name.")
    session.add(programme)
    session.flush()
    audit.record(session, programme, "programme.created", subject=slug, by=by, at=at, name=name)
    return programme


def find(session: Session, slug: str) -> Programme:
    """Return the programme. Raises NotFound, which tells no other programme's name."""
    programme = session.scalars(select(Programme).where(Programme.slug == slug)).first()
    if programme is None:
        raise NotFound(f"There is no programme {slug!r}.")
    return programme


def listed(session: Session) -> list[Programme]:
    """Return all programmes of this installation, for its operator."""
    return list(session.scalars(select(Programme).order_by(Programme.slug)))


def locale_of(tag: str) -> str:
    """Return a language tag in its usual spelling. Raises Invalid."""
    try:
        return language_tag(tag)
    except ValueError as error:
        raise Invalid(str(error)) from error
