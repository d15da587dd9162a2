"""Account files and steps of an import, for tests of what is done with them."""

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyapp.models.accounts import Contact, Organisation, Relationship, Stakeholder
from surveyapp.models.base import Base
from surveyapp.models.imports import ImportBatch
from surveyapp.models.programmes import Programme
from surveyapp.services import account_import
from surveyapp.services.account_journal import plain

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
KINDS: tuple[type[Base], ...] = (Organisation, Relationship, Contact, Stakeholder)
FILES = {
    "organisations": "reference,name,country\nus,Kestrin Logistics,DE\na1,Aldermere Foods,UK\n",
    "relationships": "buyer,supplier,segment,annual value,currency,renewal on\n"
    "a1,us,key,125000.50,EUR,2026-12-31\n",
    "contacts": "email,name,organisation,locale\ntomas@aldermere.example,Tomas Vey,a1,\n"
    "maren@kestrin.example,Maren Holt,us,de\n",
    "stakeholders": "email,buyer,supplier,function,influence,raci,from on\n"
    "tomas@aldermere.example,a1,us,procurement,decides,accountable,2026-01-01\n"
    "maren@kestrin.example,a1,us,sales,influences,,\n",
}


def store(
    session: Session, programme: Programme, files: Mapping[str, str], *, at: datetime = AT
) -> ImportBatch:
    """Import CSV texts by the name of their kind; return the batch it became."""
    tables = account_import.read_files(
        {f"{name}.csv": text.encode() for name, text in files.items()}
    )
    account_import.commit(session, programme, tables, by="test", at=at)
    session.expire_all()
    newest = select(ImportBatch).order_by(ImportBatch.committed_at.desc(), ImportBatch.id)
    found = [batch for batch in session.scalars(newest) if batch.committed_at == at]
    return found[0]


def rows(session: Session) -> dict[str, dict[str, dict[str, str | None]]]:
    """Every row of the four kinds with every value, to be compared."""
    session.expire_all()
    return {
        model.__tablename__: {
            str(row.id): plain({k: v for k, v in row._mapping.items() if k != "created_at"})
            for row in session.execute(select(model.__table__))
        }
        for model in KINDS
    }
