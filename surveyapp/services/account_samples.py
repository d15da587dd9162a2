"""Some of what an import would change, in words: which row, which column, before and after."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from surveyapp.services.account_journal import plain
from surveyapp.services.account_ledgers import Entry, Fate, Ledgers, Stored
from surveyapp.services.account_sheets import Sheet

_SHOWN_AS = {"organisation_id": "organisation", "manager_id": "manager"}


@dataclass(frozen=True, slots=True)
class Change:
    """One value of one row that the import replaces."""

    row: str
    column: str
    before: str
    after: str


def sample(ledgers: Ledgers, sheet: Sheet, *, most: int) -> list[Change]:
    """Return the first changes of a kind, as many as asked for."""
    if all(entry.fate != Fate.CHANGED for entry in getattr(ledgers, sheet).values()):
        return []
    return list(islice(_Names(ledgers).changes(sheet), most))


class _Names:
    """What stands for an id when a person reads it."""

    def __init__(self, ledgers: Ledgers) -> None:
        self._ledgers = ledgers
        self._organisations: dict[Stored, str] = {
            entry.id: reference for reference, entry in ledgers.organisations.items()
        }
        self._members: dict[Stored, str] = {
            user_id: address for address, user_id in ledgers.members.items()
        }
        self._contacts: dict[Stored, str] = {
            entry.id: address for address, entry in ledgers.contacts.items()
        }
        self._relationships: dict[Stored, Entry] = {
            entry.id: entry for entry in ledgers.relationships.values()
        }

    def changes(self, sheet: Sheet) -> Iterator[Change]:
        for entry in getattr(self._ledgers, sheet).values():
            if entry.fate != Fate.CHANGED:
                continue
            row = self._row(sheet, entry)
            for column, before in entry.before.items():
                shown = _SHOWN_AS.get(column, column)
                after = entry.values[column]
                yield Change(row, shown, self._value(column, before), self._value(column, after))

    def _row(self, sheet: Sheet, entry: Entry) -> str:
        match sheet:
            case Sheet.ORGANISATIONS:
                return str(entry.values["reference"])
            case Sheet.CONTACTS:
                return str(entry.values["email"])
            case Sheet.RELATIONSHIPS:
                return self._relation(entry)
            case Sheet.STAKEHOLDERS:
                relation = self._relationships[entry.values["relationship_id"]]
                contact = self._contacts[entry.values["contact_id"]]
                return f"{contact}, {self._relation(relation)}"

    def _relation(self, entry: Entry) -> str:
        values = entry.values
        buyer = self._organisations[values["buyer_id"]]
        supplier = self._organisations[values["supplier_id"]]
        narrowed = [str(values[n]) for n in ("product_line", "service_team", "region") if values[n]]
        return ", ".join([f"{buyer} and {supplier}", *narrowed])

    def _value(self, column: str, value: Stored) -> str:
        if column == "organisation_id":
            return self._organisations.get(value, "")
        if column == "manager_id":
            return self._members.get(value, "")
        return plain({column: value})[column] or ""
