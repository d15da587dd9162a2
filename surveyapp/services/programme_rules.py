"""A programme's rules: its names, its language, whom every relationship should have, how often to ask."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyapp.errors import Invalid
from surveyapp.models.accounts import Function, Side
from surveyapp.models.definitions import QuestionnaireVersion
from surveyapp.models.programmes import Programme
from surveyapp.questionnaires.definition import Anonymity
from surveyapp.services import audit, disclosure_rules, editing, programmes
from surveyapp.services.disclosure_rules import FLOORS, MOST
from surveyapp.services.editing import Facts, wrong

Expected = Mapping[Side, tuple[Function, ...]]
MOST_DAYS: Final = 3650


@dataclass(frozen=True, slots=True)
class RuleFacts(Facts):
    """What may be changed about a programme."""

    name: str
    owner: str
    """Who asks, as respondents read it; empty: the programme's name stands for it."""
    locale: str
    data_note: str
    guard_days: int
    buyer: tuple[Function, ...]
    """Functions every relationship should have somebody in, on this side."""
    supplier: tuple[Function, ...]
    minimum_confidential: int = FLOORS[Anonymity.CONFIDENTIAL].people
    """People whose answers a shown number of a confidential wave rests on."""
    minimum_suppliers: int = FLOORS[Anonymity.CONFIDENTIAL].suppliers
    """Supplier organisations besides, where the buyer is the reader."""
    minimum_anonymous: int = FLOORS[Anonymity.ANONYMOUS].people
    minimum_comments: int = FLOORS[Anonymity.CONFIDENTIAL].comments


MINIMUMS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "minimum_confidential": FLOORS[Anonymity.CONFIDENTIAL].people,
        "minimum_suppliers": FLOORS[Anonymity.CONFIDENTIAL].suppliers,
        "minimum_anonymous": FLOORS[Anonymity.ANONYMOUS].people,
        "minimum_comments": FLOORS[Anonymity.CONFIDENTIAL].comments,
    }
)
"""Rules of disclosure by their field, and what they are never set below: what the contracts say."""


def expected_of(programme: Programme) -> Expected:
    """Return the functions every relationship should have somebody in, in the product's order."""
    stored = programme.expected_functions
    return {
        side: tuple(each for each in Function if each.value in stored.get(side.value, ()))
        for side in Side
    }


def facts_of(programme: Programme) -> RuleFacts:
    """Return what is stored."""
    expected = expected_of(programme)
    return RuleFacts(
        name=programme.name,
        owner=programme.owner,
        locale=programme.locale,
        data_note=programme.data_note,
        guard_days=programme.guard_days,
        buyer=expected[Side.BUYER],
        supplier=expected[Side.SUPPLIER],
        **{name: getattr(programme, name) for name in MINIMUMS},
    )


def edit(
    session: Session, programme: Programme, wanted: RuleFacts, *, seen: str, by: str, at: datetime
) -> None:
    """Change the rules. Waves drafted already keep their own days of the guard.

    A stricter rule of disclosure holds for every wave from now on; a milder one only for waves that
    are launched later, because people were told the other.

    Raises
    ------
    ChangedMeanwhile
        Somebody else changed them since.
    Invalid
        A name, language or number of days that cannot be used.
    """
    audit.take_turn(session, programme.id)
    session.refresh(programme)
    stored = facts_of(programme)
    found = editing.changes(stored, wanted, seen=seen)
    if not found:
        return
    if not 0 <= wanted.guard_days <= MOST_DAYS:
        raise wrong("guard_days", f"Write a number of days from 0 to {MOST_DAYS}.")
    _set_minimums(session, programme, wanted)
    try:
        programme.locale = programmes.locale_of(wanted.locale)
    except Invalid as error:
        raise wrong("locale", str(error)) from error
    programme.name = _fitting("name", wanted.name, fewest=1)
    programme.owner = _fitting("owner", wanted.owner)
    programme.data_note = _fitting("data_note", wanted.data_note)
    programme.guard_days = wanted.guard_days
    programme.expected_functions = {
        Side.BUYER.value: [each.value for each in wanted.buyer],
        Side.SUPPLIER.value: [each.value for each in wanted.supplier],
    }
    session.flush()
    audit.record(
        session,
        programme,
        "programme.changed",
        subject=f"programme:{programme.slug}",
        by=by,
        at=at,
        **editing.on_record(found),
    )


def _set_minimums(session: Session, programme: Programme, wanted: RuleFacts) -> None:
    for name, floor in MINIMUMS.items():
        number = getattr(wanted, name)
        if not floor <= number <= MOST:
            raise wrong(name, f"Write a number from {floor} to {MOST}: {floor} is promised anyway.")
        setattr(programme, name, number)
    for version in session.scalars(
        select(QuestionnaireVersion).where(QuestionnaireVersion.programme_id == programme.id)
    ):
        disclosure_rules.apply(session, programme, version)


def _fitting(field: str, typed: str, *, fewest: int = 0) -> str:
    text = " ".join(typed.split())
    if not fewest <= len(text) <= programmes.LONGEST:
        raise wrong(field, f"Write {fewest} to {programmes.LONGEST} characters.")
    return text
