"""The KPIs of the example: two from the catalogue, three that are shown and never scored."""

from dataclasses import replace

from surveyapp.models.kpis import KpiAggregation, KpiDirection, KpiFamily, KpiUnit
from surveyapp.services import kpi_catalogue
from surveyapp.services.kpi_definitions import KpiFacts

SOURCE = "SCMS delivery history"
DEFINITIONS = (
    *(replace(kpi_catalogue.find(slug).facts, source=SOURCE) for slug in ("on_time", "days_late")),
    # size says nothing about how good a relationship is, so these three are shown only
    KpiFacts(
        slug="shipments",
        name="Shipments",
        family=KpiFamily.SERVICE,
        unit=KpiUnit.COUNT,
        direction=KpiDirection.HIGHER,
        aggregation=KpiAggregation.SUM,
        source=SOURCE,
        is_scored=False,
    ),
    KpiFacts(
        slug="value_delivered",
        name="Value delivered",
        family=KpiFamily.FINANCE,
        unit=KpiUnit.MONEY,
        currency="USD",
        direction=KpiDirection.HIGHER,
        aggregation=KpiAggregation.SUM,
        source=SOURCE,
        is_scored=False,
    ),
    KpiFacts(
        slug="countries_served",
        name="Countries served",
        family=KpiFamily.ADOPTION,
        unit=KpiUnit.COUNT,
        direction=KpiDirection.HIGHER,
        aggregation=KpiAggregation.LAST,
        source=SOURCE,
        is_scored=False,
    ),
)
