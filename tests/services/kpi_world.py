"""KPIs and observations for tests: two buyers of one supplier, and a buyer of another."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from surveyapp.models.accounts import Organisation, Relationship
from surveyapp.models.kpis import KpiAggregation, KpiDefinition, KpiDirection, KpiFamily, KpiUnit
from surveyapp.models.programmes import Programme
from surveyapp.services import kpi_import, kpis
from surveyapp.tabular.reading import read_csv
from tests.factories import AT, make_organisation, make_programme, make_relationship


@dataclass
class World:
    programme: Programme
    supplier: Organisation
    alder: Relationship
    """Aldermere buys from Kestrin."""
    brook: Relationship
    other: Relationship
    """Aldermere buys from Ostrow."""


def make_world(session: Session, slug: str = "kestrin") -> World:
    programme = make_programme(session, slug)
    kestrin, alder, brook, ostrow = (
        make_organisation(session, programme, name)
        for name in ("Kestrin", "Aldermere", "Brook", "Ostrow")
    )
    return World(
        programme,
        kestrin,
        make_relationship(session, alder, kestrin),
        make_relationship(session, brook, kestrin),
        make_relationship(session, alder, ostrow),
    )


def share(slug: str = "on_time", **changes: Any) -> kpis.KpiFacts:
    """A rate that should be high, in windows of a year."""
    given: dict[str, Any] = {
        "slug": slug,
        "name": slug.replace("_", " ").capitalize(),
        "family": KpiFamily.SERVICE,
        "unit": KpiUnit.SHARE,
        "direction": KpiDirection.HIGHER,
        "aggregation": KpiAggregation.RATE,
    }
    return kpis.KpiFacts(**{**given, **changes})


def days(slug: str = "delay", **changes: Any) -> kpis.KpiFacts:
    """A mean that should be low."""
    given: dict[str, Any] = {
        "unit": KpiUnit.DAYS,
        "direction": KpiDirection.LOWER,
        "aggregation": KpiAggregation.MEAN,
    }
    return share(slug, **{**given, **changes})


def define(
    session: Session, programme: Programme, facts: kpis.KpiFacts, *, at: datetime = AT
) -> KpiDefinition:
    return kpis.create(session, programme, facts, by="test", at=at)


def load(
    session: Session, programme: Programme, text: str, *, at: datetime = AT, name: str = "facts.csv"
) -> kpi_import.Done:
    """Import a CSV text."""
    table = read_csv(text.encode(), name)
    return kpi_import.commit(session, programme, table, by="test", at=at)
