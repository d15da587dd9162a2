"""Files that were sent with answers, for whoever may read answers; none where a promise hides names."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, func, select
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

_REACHED: Final[Mapping[str, Sequence[tuple[Any, ColumnElement[bool]]]]] = MappingProxyType(
    {
        "person": (
            (Invitation, Invitation.id == Assignment.invitation_id),
            (Contact, Contact.id == Invitation.contact_id),
        ),
        "relationship": (
            (Relationship, Relationship.id == Assignment.relationship_id),
            (_BUYER, _BUYER.id == Relationship.buyer_id),
        ),
    }
)
"""What is joined to an assignment for an order."""


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
    item_ids, order = list(questions), order if order.column in _SORTABLE else BY_PERSON
    # which files first, what their rows say then; of everybody asked few may have sent one
    files: Select[*tuple[Any, ...]] = select(UploadedFile.id).where(
        UploadedFile.id.in_(_sent(wave, item_ids))
    )
    if order.column in _REACHED:
        files = files.join(Assignment, Assignment.id == UploadedFile.assignment_id)
        for model, clause in _REACHED[order.column]:
            files = files.join(model, clause)
    found = listing.paged(
        session, files, columns=_SORTABLE, order=order, number=number, tie=UploadedFile.id
    )
    ids = [row.id for row in found.rows]
    rows = {row.id: row for row in session.execute(_shown(ids))}
    return found.with_rows([_line(wave, rows[each], questions[rows[each].item_id]) for each in ids])


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


def _sent(wave: Wave, item_ids: list[str]) -> Select[uuid.UUID]:
    """Select the files that the last response of their assignment names."""
    last = (
        select(func.max(Response.submitted_at))
        .where(Response.assignment_id == UploadedFile.assignment_id)
        .correlate(UploadedFile)
        .scalar_subquery()
    )
    return (
        select(UploadedFile.id)
        .join(Assignment, Assignment.id == UploadedFile.assignment_id)
        .where(
            Assignment.wave_id == wave.id,
            UploadedFile.item_id.in_(item_ids),
            UploadedFile.sent_at == last,
        )
    )


def _shown(ids: Sequence[uuid.UUID]) -> Select[*tuple[Any, ...]]:
    """Select what the lines of the list say."""
    query: Select[*tuple[Any, ...]] = select(
        UploadedFile.id,
        UploadedFile.name,
        UploadedFile.size,
        UploadedFile.item_id,
        UploadedFile.sent_at,
        Contact.id.label("contact_id"),
        Contact.name.label("person"),
        _BUYER.name.label("buyer"),
        _SUPPLIER.name.label("supplier"),
    ).join(Assignment, Assignment.id == UploadedFile.assignment_id)
    for model, clause in (*_REACHED["person"], *_REACHED["relationship"]):
        query = query.join(model, clause)
    query = query.join(_SUPPLIER, _SUPPLIER.id == Relationship.supplier_id)
    return query.where(UploadedFile.id.in_(ids))


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
