"""Files that were sent with answers, for whoever may read answers; none where a promise hides names."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session, aliased

from surveyapp.errors import NotFound
from surveyapp.models.accounts import Contact, Organisation, Relationship
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.programmes import Programme
from surveyapp.models.responses import Response
from surveyapp.models.uploads import UploadedFile
from surveyapp.models.waves import Wave
from surveyapp.questionnaires import answers
from surveyapp.questionnaires.answers import Unit
from surveyapp.questionnaires.definition import File, Questionnaire
from surveyapp.questionnaires.texts import fill
from surveyapp.services import contract, definitions, links, listing, waves
from surveyapp.services.listing import Order, Page

BY_PERSON: Final = Order("person")
_BUYER: Final = aliased(Organisation, name="buyer")
_SUPPLIER: Final = aliased(Organisation, name="supplier")
_SORTABLE: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "person": func.lower(Contact.name),
        "relationship": func.lower(_BUYER.name),
        "file": func.lower(UploadedFile.name),
        "sent": UploadedFile.sent_at,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """One file as a list shows it."""

    id: uuid.UUID
    name: str
    size: int
    question: str
    contact_id: uuid.UUID
    person: str
    buyer: str
    supplier: str
    sent_at: datetime


def asks_for_files(wave: Wave, locale: str = "") -> bool:
    """Tell whether a wave's questionnaire asks for files that may be opened beside a name."""
    return bool(_questions(wave, locale))


def questions(questionnaire: Questionnaire) -> dict[str, Unit]:
    """Return what asks for a file and lets its answer stand beside a name."""
    asks = any(isinstance(item, File) for _, item in questionnaire.items())
    if not asks or not contract.shows_names(questionnaire.anonymity):
        return {}
    return {
        key: unit
        for key, unit in answers.units(questionnaire).items()
        if isinstance(unit.item, File)
        and contract.shows_names(unit.item.anonymity or questionnaire.anonymity)
    }


def page(
    session: Session, wave: Wave, *, locale: str, order: Order = BY_PERSON, number: int = 1
) -> Page[HandedIn]:
    """Return a page of the files that go with what people sent last."""
    questions = _questions(wave, locale)
    query = _sent(wave, list(questions))
    found = listing.paged(
        session, query, columns=_SORTABLE, order=order, number=number, tie=UploadedFile.id
    )
    return found.with_rows([_line(wave, row, questions[row.item_id]) for row in found.rows])


def find(session: Session, programme: Programme, file_id: uuid.UUID) -> UploadedFile:
    """Return a file of the list, of whichever wave. Raises NotFound, also where names are promised away."""
    wave_id = session.scalar(
        select(Assignment.wave_id)
        .join(UploadedFile, UploadedFile.assignment_id == Assignment.id)
        .where(UploadedFile.id == file_id, UploadedFile.programme_id == programme.id)
    )
    if wave_id is not None:
        wave = waves.load(session, wave_id)
        query = _sent(wave, list(_questions(wave, ""))).where(UploadedFile.id == file_id)
        if session.execute(query).first() is not None:
            return session.get_one(UploadedFile, file_id)
    raise NotFound("There is no such file.")


def _questions(wave: Wave, locale: str) -> dict[str, Unit]:
    return questions(definitions.load(wave.questionnaire_version, locale))


def _sent(wave: Wave, item_ids: list[str]) -> Select[*tuple[Any, ...]]:
    """Select the files that the last response of their assignment names."""
    last = (
        select(func.max(Response.submitted_at))
        .where(Response.assignment_id == Assignment.id)
        .correlate(Assignment)
        .scalar_subquery()
    )
    return (
        select(
            UploadedFile.id,
            UploadedFile.name,
            UploadedFile.size,
            UploadedFile.item_id,
            UploadedFile.sent_at,
            Contact.id.label("contact_id"),
            Contact.name.label("person"),
            _BUYER.name.label("buyer"),
            _SUPPLIER.name.label("supplier"),
        )
        .join(Assignment, Assignment.id == UploadedFile.assignment_id)
        .join(Invitation, Invitation.id == Assignment.invitation_id)
        .join(Contact, Contact.id == Invitation.contact_id)
        .join(Relationship, Relationship.id == Assignment.relationship_id)
        .join(_BUYER, _BUYER.id == Relationship.buyer_id)
        .join(_SUPPLIER, _SUPPLIER.id == Relationship.supplier_id)
        .where(
            Assignment.wave_id == wave.id,
            UploadedFile.item_id.in_(item_ids),
            UploadedFile.sent_at == last,
        )
    )


def _line(wave: Wave, row: Row[*tuple[Any, ...]], unit: Unit) -> HandedIn:
    names = links.names_of(wave, buyer=row.buyer, supplier=row.supplier)
    return HandedIn(
        id=row.id,
        name=row.name,
        size=row.size,
        question=fill(unit.short, names),
        contact_id=row.contact_id,
        person=row.person,
        buyer=row.buyer,
        supplier=row.supplier,
        sent_at=row.sent_at,
    )
