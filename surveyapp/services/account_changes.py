"""Sheets against what is stored: what they would change, and where they contradict it or themselves."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from surveyapp.errors import Problem
from surveyapp.models.accounts import Side
from surveyapp.services.account_ledgers import Entry, Fate, Ledgers, Stored
from surveyapp.services.account_sheets import Record, Sheet

_NARROWING = ("product_line", "service_team", "region")
_RELATION = ("buyer", "supplier", *_NARROWING)
KEYS: Mapping[Sheet, tuple[str, ...]] = {
    Sheet.ORGANISATIONS: ("reference",),
    Sheet.RELATIONSHIPS: _RELATION,
    Sheet.CONTACTS: ("email",),
    Sheet.STAKEHOLDERS: ("email", *_RELATION),
}
"""Columns by which a row is found again. A stakeholder's side follows from the organisation."""


@dataclass(slots=True)
class Changes:
    """Enters records into the ledgers, sheet by sheet, and collects what is wrong."""

    ledgers: Ledgers
    problems: list[Problem] = field(default_factory=list)
    _broken_relations: set[tuple[str, ...]] = field(default_factory=set)
    """Named in the file with a problem: said once there, not again for each stakeholder."""
    _moved: list[tuple[Record, Entry, Stored]] = field(default_factory=list)

    def enter(self, records: Mapping[Sheet, Sequence[Record]]) -> None:
        """Enter all sheets; organisations first, because the others name them."""
        for sheet in Sheet:
            self.problems += _doubled(records.get(sheet, ()), KEYS[sheet])
        each: Mapping[Sheet, Callable[[Record], None]] = {
            Sheet.ORGANISATIONS: self._organisation,
            Sheet.RELATIONSHIPS: self._relationship,
            Sheet.CONTACTS: self._contact,
            Sheet.STAKEHOLDERS: self._stakeholder,
        }
        for sheet, enter in each.items():
            for record in records.get(sheet, ()):
                enter(record)
        self._refuse_moves_that_strand_a_part()

    def _organisation(self, record: Record) -> None:
        if record.has("reference"):
            self.ledgers.organisations.put(record.text("reference"), dict(record.values))

    def _relationship(self, record: Record) -> None:
        buyer, supplier = self._known(record, "buyer"), self._known(record, "supplier")
        if buyer is None or supplier is None:
            self._broken_relations.add(_key(record, _RELATION))
            return
        if buyer is supplier:
            message = "The supplier is the buyer. A relationship needs two organisations."
            self.problems.append(record.problem("supplier", message))
            self._broken_relations.add(_key(record, _RELATION))
            return
        narrowing = {column: record.text(column) for column in _NARROWING}
        facts: dict[str, Stored] = {
            name: value
            for name, value in record.values.items()
            if name != "manager" and name not in _RELATION
        }
        facts |= self._manager(record)
        entry = self.ledgers.relationships.put(
            (buyer.id, supplier.id, *_narrowing(record)),
            {"buyer_id": buyer.id, "supplier_id": supplier.id, **narrowing, **facts},
        )
        is_currency_said = record.has("currency") or "currency" not in record.table.columns
        if (
            entry.values["annual_value"] is not None
            and not entry.values["currency"]
            and is_currency_said
        ):
            message = "The annual value has no currency. Fill the column currency, as in EUR."
            self.problems.append(record.problem("annual_value", message))

    def _manager(self, record: Record) -> dict[str, Stored]:
        """Find the member whose address is given. An empty cell means nobody, no column no change."""
        if not record.has("manager"):
            return {}
        address = record.text("manager").lower()
        if not address:
            return {"manager_id": None}
        if address not in self.ledgers.members:
            message = (
                f"Nobody with the address {address} is a member of this programme."
                " Add them under Members first, mend the address, or leave the cell empty."
            )
            self.problems.append(record.problem("manager", message))
            return {}
        return {"manager_id": self.ledgers.members[address]}

    def _contact(self, record: Record) -> None:
        organisation = self._known(record, "organisation")
        if not record.has("email"):
            return
        given: dict[str, Stored] = {
            name: value for name, value in record.values.items() if name != "organisation"
        }
        if given.get("locale", "") is None:
            given["locale"] = self.ledgers.contacts.defaults["locale"]
        if organisation is not None:
            given["organisation_id"] = organisation.id
        key = given["email"] = record.text("email").lower()
        before = self.ledgers.contacts.get(key)
        was_at = before.values["organisation_id"] if before else None
        entry = self.ledgers.contacts.put(key, given)
        if was_at is not None and entry.values["organisation_id"] != was_at:
            self._moved.append((record, entry, was_at))

    def _stakeholder(self, record: Record) -> None:
        contact = self._known_contact(record)
        relation = self._known_relation(record)
        if contact is None or relation is None:
            return
        side = self._side(record, contact, relation)
        if side is None:
            return
        duty = {
            name: value
            for name, value in record.values.items()
            if name not in {"email", "side", *_RELATION}
        }
        entry = self.ledgers.stakeholders.put(
            (relation.id, contact.id, side),
            {"relationship_id": relation.id, "contact_id": contact.id, "side": side, **duty},
        )
        starts, ends = entry.values["from_on"], entry.values["until_on"]
        if isinstance(starts, date) and isinstance(ends, date) and ends < starts:
            column = "until_on" if record.has("until_on") else "from_on"
            message = (
                f"The part ends on {ends}, before it starts on {starts}. Swap or mend the dates."
            )
            self.problems.append(record.problem(column, message))

    def _known(self, record: Record, column: str) -> Entry | None:
        """Return the organisation a cell names; say so when there is none."""
        if not record.has(column):
            return None
        reference = record.text(column)
        entry = self.ledgers.organisations.get(reference)
        if entry is None:
            message = (
                f"There is no organisation {reference!r}. Add it to the organisations,"
                " or mend the reference (small and capital letters differ)."
            )
            self.problems.append(record.problem(column, message))
        return entry

    def _known_contact(self, record: Record) -> Entry | None:
        if not record.has("email"):
            return None
        entry = self.ledgers.contacts.get(record.text("email").lower())
        if entry is None:
            message = (
                f"There is no contact {record.text('email')!r}. Add the person to the contacts."
            )
            self.problems.append(record.problem("email", message))
        return entry

    def _known_relation(self, record: Record) -> Entry | None:
        if not record.has("buyer", "supplier") or _key(record, _RELATION) in self._broken_relations:
            return None
        buyer = self.ledgers.organisations.get(record.text("buyer"))
        supplier = self.ledgers.organisations.get(record.text("supplier"))
        entry = (
            buyer
            and supplier
            and self.ledgers.relationships.get((buyer.id, supplier.id, *_narrowing(record)))
        )
        if not entry:
            narrowed = ", ".join(part for part in _narrowing(record) if part)
            message = (
                f"There is no relationship of buyer {record.text('buyer')!r} and supplier"
                f" {record.text('supplier')!r}{f', {narrowed}' if narrowed else ''}."
                " Add it to the relationships, or mend the references and the narrowing columns."
            )
            self.problems.append(record.problem("buyer", message))
            return None
        return entry

    def _side(self, record: Record, contact: Entry, relation: Entry) -> Side | None:
        """A person stands where their organisation stands; a side given must agree."""
        at = contact.values["organisation_id"]
        if at is None:
            return None
        side = _side_of(at, relation)
        if side is None:
            message = (
                f"{record.text('email')} works at neither organisation of this relationship."
                " Mend the person's organisation among the contacts, or the relationship here."
            )
            self.problems.append(record.problem("email", message))
            return None
        said = record.values.get("side")
        if said is not None and said != side:
            message = (
                f"The side is {said}, but {record.text('email')} works at the {side}."
                " Mend it, or leave the cell empty."
            )
            self.problems.append(record.problem("side", message))
        return side

    def _refuse_moves_that_strand_a_part(self) -> None:
        """Refuse to move a person to another company while a part there is kept under the old one."""
        if not self._moved:
            return
        relations = {entry.id: entry for entry in self.ledgers.relationships.values()}
        parts: dict[Stored, list[tuple[Entry, str]]] = {}
        for (relation_id, contact_id, side), part in self.ledgers.stakeholders.items():
            if part.fate != Fate.NEW:
                parts.setdefault(contact_id, []).append((relations[relation_id], side))
        for record, contact, _was_at in self._moved:
            at = contact.values["organisation_id"]
            if any(_side_of(at, relation) != side for relation, side in parts.get(contact.id, ())):
                message = (
                    f"{record.text('email')} already has a part in a relationship of another"
                    " organisation. Somebody who changed employer is a new contact with a new address."
                )
                self.problems.append(record.problem("organisation", message))


def _doubled(records: Iterable[Record], columns: tuple[str, ...]) -> list[Problem]:
    """Rows that are about the same thing as an earlier row, each naming the first."""
    seen: dict[tuple[str, ...], Record] = {}
    problems = []
    for record in records:
        key = _key(record, columns)
        if not record.has(columns[0]):
            continue
        first = seen.setdefault(key, record)
        if first is not record:
            what = ", ".join(part for part in key if part)
            place = record.table.place(first.row, columns[0])
            message = f"{what} is there twice; the first is {place}. Keep one of the rows."
            problems.append(record.problem(columns[0], message))
    return problems


def _key(record: Record, columns: tuple[str, ...]) -> tuple[str, ...]:
    """Addresses are the same in any case; references are not."""
    return tuple(
        record.text(column).lower() if column == "email" else record.text(column)
        for column in columns
    )


def _narrowing(record: Record) -> tuple[str, str, str]:
    return record.text("product_line"), record.text("service_team"), record.text("region")


def _side_of(organisation_id: Stored, relation: Entry) -> Side | None:
    if organisation_id == relation.values["buyer_id"]:
        return Side.BUYER
    return Side.SUPPLIER if organisation_id == relation.values["supplier_id"] else None
