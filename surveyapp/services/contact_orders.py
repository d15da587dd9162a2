"""A page of people by organisation, found without sorting all of them."""

from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, case, cast, func, select
from sqlalchemy.orm import Session

from surveyapp.models.accounts import Contact, Organisation
from surveyapp.services.listing import SIZE, Order, Page


def by_organisation(
    session: Session,
    people: Select[*tuple[Any, ...]],
    *,
    order: Order,
    number: int,
    few: Select[*tuple[Any, ...]] | None = None,
) -> Page[Any]:
    """Return a page of a query's contacts by organisation and name, with two queries.

    Counted are the people of each organisation first; only those of the page's are sorted. Sorting
    all of a hundred thousand costs half a second, and no index spans two tables. ``few`` says the same
    as ``people`` where another way of saying it finds a few people sooner.
    """
    by_name = func.lower(Organisation.name)
    by = by_name.desc() if order.is_descending else by_name
    here = session.execute(_places(people, by, number=number)).all()
    if not here:
        return Page([], 0, 1, order)
    total, start, skipped = here[0].total, here[0].start, here[0].before
    rows = session.execute(
        (people if few is None else few)
        .join(Contact.organisation)
        .where(Contact.organisation_id.in_([place.id for place in here]))
        .order_by(by, Organisation.id, func.lower(Contact.name), Contact.id)
        .limit(SIZE)
        .offset(start - skipped)
    ).all()
    return Page(rows, total, start // SIZE + 1, order)


def _places(
    people: Select[*tuple[Any, ...]], by: ColumnElement[str], *, number: int
) -> Select[*tuple[Any, ...]]:
    """Find the organisations of one page, how many people stand before them, and how many in all."""
    counts = (
        people.with_only_columns(Contact.organisation_id, func.count().label("n"))
        .group_by(Contact.organisation_id)
        .cte("counts")
        # else a database may look through everybody once more for the total
        .prefix_with("MATERIALIZED")
    )
    total = cast(select(func.sum(counts.c.n)).scalar_subquery(), Integer)
    asked, last = (max(1, number) - 1) * SIZE, (total - 1) // SIZE * SIZE
    upto = cast(func.sum(counts.c.n).over(order_by=(by, Organisation.id)), Integer)
    each = (
        select(
            Organisation.id,
            counts.c.n,
            upto.label("upto"),
            total.label("total"),
            case((last < asked, last), else_=asked).label("start"),
        )
        .join(counts, counts.c.organisation_id == Organisation.id)
        .subquery()
    )
    before = (each.c.upto - each.c.n).label("before")
    return (
        select(each.c.id, before, each.c.total, each.c.start)
        .where(each.c.upto > each.c.start, before < each.c.start + SIZE)
        .order_by(each.c.upto)
    )
