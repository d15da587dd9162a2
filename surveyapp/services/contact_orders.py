"""A page of people by organisation, found without sorting all of them."""

from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from surveyapp.models.accounts import Contact, Organisation
from surveyapp.services.listing import SIZE, Order, Page


def by_organisation(
    session: Session, people: Select[*tuple[Any, ...]], *, order: Order, number: int
) -> Page[Any]:
    """Return a page of a query's contacts by organisation and name, with three queries.

    Counted are the people of each organisation first; only those of the organisations on the page are sorted.
    Sorting all of a hundred thousand costs half a second, and no index spans two tables.
    """
    counts = (
        people.with_only_columns(Contact.organisation_id, func.count().label("n"))
        .group_by(Contact.organisation_id)
        .subquery()
    )
    by_name = func.lower(Organisation.name)
    organisation = by_name.desc() if order.is_descending else by_name
    total = session.scalar(select(func.coalesce(func.sum(counts.c.n), 0))) or 0
    number = min(max(1, number), max(1, -(-total // SIZE)))
    start = (number - 1) * SIZE
    upto = func.sum(counts.c.n).over(order_by=(organisation, Organisation.id))
    places = (
        select(Organisation.id, counts.c.n, upto.label("upto"))
        .join(counts, counts.c.organisation_id == Organisation.id)
        .subquery()
    )
    here = session.execute(
        select(places.c.id, places.c.upto - places.c.n)
        .where(places.c.upto > start, places.c.upto - places.c.n < start + SIZE)
        .order_by(places.c.upto)
    ).all()
    skipped = here[0][1] if here else 0
    rows = session.execute(
        people.join(Contact.organisation)
        .where(Contact.organisation_id.in_([organisation_id for organisation_id, _before in here]))
        .order_by(organisation, Organisation.id, func.lower(Contact.name), Contact.id)
        .limit(SIZE)
        .offset(start - skipped)
    ).all()
    return Page(rows, total, number, order)
