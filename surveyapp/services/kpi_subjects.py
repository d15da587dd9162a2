"""Whom a value of a file is about: a relationship by its organisations, or one organisation."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from typing import Final, NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from surveyapp.models.accounts import Organisation, Relationship
from surveyapp.models.programmes import Programme
from surveyapp.questionnaires.suggestions import did_you_mean
from surveyapp.services.kpi_sheets import Record, Subject

_ORGANISATION: Final = 5
_NARROWING: Final = ("product_line", "service_team", "region")
Holder = tuple[uuid.UUID | None, uuid.UUID | None]
"""The relationship, or the organisation."""


class Objection(NamedTuple):
    """What is wrong with a value, and the columns it may stand in; the value's own when empty."""

    message: str
    columns: tuple[str, ...] = ()


class Subjects:
    """The organisations and relationships of a programme, found again by what files call them."""

    def __init__(self, session: Session, programme: Programme) -> None:
        organisations = session.execute(
            select(Organisation.reference, Organisation.id).where(
                Organisation.programme_id == programme.id
            )
        )
        self._organisations: dict[str, uuid.UUID] = {
            reference.casefold(): key for reference, key in organisations
        }
        self._exact: dict[tuple[str, ...], uuid.UUID] = {}
        self._between: dict[tuple[str, str], list[uuid.UUID]] = defaultdict(list)
        self._suppliers: set[str] = set()
        for key, *words in session.execute(_relationships(programme)):
            named = tuple(word.casefold() for word in words)
            self._exact[named] = key
            self._between[named[0], named[1]].append(key)
            self._suppliers.add(named[1])

    def find(self, subject: Subject) -> Holder | Objection:
        """Return whom a value is about, or why nobody can tell.

        Without product line, service team and region the only relationship of the two is meant.
        """
        if organisation := subject[_ORGANISATION]:
            return self._organisation(organisation)
        buyer, supplier, *narrowing = subject[:_ORGANISATION]
        if key := self._exact.get(subject[:_ORGANISATION]):
            return key, None
        between = self._between.get((buyer, supplier), [])
        if not any(narrowing) and len(between) == 1:
            return between[0], None
        return self._unknown(buyer, supplier, len(between), is_narrowed=any(narrowing))

    def notices(self, records: Iterable[Record]) -> list[str]:
        """Say which organisations supply nobody, so that nothing inherits their facts."""
        named = {record.subject[_ORGANISATION] for record in records} - {""}
        idle = sorted(named & self._organisations.keys() - self._suppliers)
        if not idle:
            return []
        listed = ", ".join(idle[:5]) + (" and others" if len(idle) > 5 else "")  # noqa: PLR2004 a line's worth
        return [f"No relationship has as its supplier: {listed}. Nothing inherits these facts."]

    def _organisation(self, reference: str) -> Holder | Objection:
        if key := self._organisations.get(reference):
            return None, key
        hint = did_you_mean(reference, self._organisations)
        message = f"There is no organisation with the reference {reference!r}.{hint}"
        return Objection(message, ("organisation",))

    def _unknown(self, buyer: str, supplier: str, count: int, *, is_narrowed: bool) -> Objection:
        for column, reference in (("buyer", buyer), ("supplier", supplier)):
            if reference not in self._organisations:
                hint = did_you_mean(reference, self._organisations)
                message = f"There is no organisation with the reference {reference!r}.{hint}"
                return Objection(message, (column,))
        if not count:
            message = f"{buyer} does not buy from {supplier} in this programme. Import that first."
            return Objection(message, ("supplier",))
        if is_narrowed:
            message = (
                f"{buyer} buys from {supplier}, but not so. Check product line, team and region."
            )
            return Objection(message, _NARROWING)
        message = (
            f"{buyer} has {count} relationships with {supplier}. Say which one by product line,"
            " service team and region."
        )
        return Objection(message, (*_NARROWING, "supplier"))


def _relationships(
    programme: Programme,
) -> Select[uuid.UUID, str, str, str, str, str]:
    buyer, supplier = aliased(Organisation), aliased(Organisation)
    return (
        select(
            Relationship.id,
            buyer.reference,
            supplier.reference,
            Relationship.product_line,
            Relationship.service_team,
            Relationship.region,
        )
        .join(buyer, buyer.id == Relationship.buyer_id)
        .join(supplier, supplier.id == Relationship.supplier_id)
        .where(Relationship.programme_id == programme.id)
    )
