"""How relationships and parts are called on an owner's pages."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, exists, select
from sqlalchemy.orm import Session, aliased

from surveyapp.models.accounts import Function, Influence, Relationship

_LONGEST: Final = 300
_LONGEST_COMPANY: Final = 80
_RANK: Final = {influence: rank for rank, influence in enumerate(Influence)}


@dataclass(frozen=True, slots=True)
class Naming:
    """What distinguishes the relationships of a programme: of the one company in all, nothing."""

    has_one_buyer: bool
    has_one_supplier: bool

    @classmethod
    def of(cls, session: Session, programme_id: uuid.UUID) -> "Naming":
        """Look at whom the programme is about."""
        has_one_buyer, has_one_supplier = session.execute(
            select(
                _is_same_in_all("buyer_id", programme_id),
                _is_same_in_all("supplier_id", programme_id),
            )
        ).one()
        return cls(has_one_buyer=has_one_buyer, has_one_supplier=has_one_supplier)

    def name(self, relationship: Relationship) -> str:
        """Name a relationship whose two organisations are loaded."""
        buyer = _shortened(relationship.buyer.name)
        supplier = _shortened(relationship.supplier.name)
        if self.has_one_supplier:
            name = buyer
        elif self.has_one_buyer:
            name = supplier
        else:
            name = f"{buyer} with {supplier}"
        parts = (relationship.product_line, relationship.service_team, relationship.region)
        narrowed = ", ".join(part for part in parts if part)
        return f"{name} ({narrowed})" if narrowed else name


def _is_same_in_all(end: str, programme_id: uuid.UUID) -> ColumnElement[bool]:
    """Say whether all relationships have the same company there; ends at the first that has another."""
    one, other = aliased(Relationship), aliased(Relationship)
    first = (
        select(getattr(one, end)).where(one.programme_id == programme_id).limit(1).scalar_subquery()
    )
    differs = exists().where(other.programme_id == programme_id, getattr(other, end) != first)
    return and_(first.is_not(None), ~differs)


def reason(parts: Sequence[Row[*tuple[Any, ...]]], names: dict[uuid.UUID, str]) -> str:
    """Say why somebody is asked: their weightiest part, and how many more there are."""
    first, *others = sorted(
        parts, key=lambda part: (_RANK[part.influence], names[part.relationship_id], part.function)
    )
    more = f" and {len(others)} more" if others else ""
    said = f"{function_name(first.function)}, {first.influence}, for {names[first.relationship_id]}"
    return said[: _LONGEST - len(more)] + more


def function_name(function: Function) -> str:
    """Write a function as a sentence begins with it."""
    name = function_in_sentence(function)
    return name[0].upper() + name[1:]


def function_in_sentence(function: Function) -> str:
    """Write a function inside a sentence."""
    return "IT" if function == Function.IT else function.value


def _shortened(name: str) -> str:
    return (
        name
        if len(name) <= _LONGEST_COMPANY
        else name[: _LONGEST_COMPANY - 1] + "\N{HORIZONTAL ELLIPSIS}"
    )
