"""The list of facts, and what one KPI says of each relationship."""

from flask import render_template

from surveyapp.clock import today, utcnow
from surveyapp.extensions import db
from surveyapp.models.kpis import KpiFamily
from surveyapp.services import kpi_catalogue, kpi_lists, kpis
from surveyapp.services.kpi_catalogue import Ready
from surveyapp.services.kpi_lists import Line
from surveyapp.web import guards
from surveyapp.web.guards import requires
from surveyapp.web.kpis import kept, pages, shown
from surveyapp.web.kpis.pages import blueprint
from surveyapp.web.listing import asked_order, asked_page


@blueprint.get("")
@requires("accounts.read")
def index() -> str:
    """List the KPIs by family with how fresh they are."""
    everything = kpis.listed(db.session(), guards.programme(), with_retired=True)
    counted = kept.overview(db.session(), guards.programme(), everything, at=utcnow())
    lines = counted.figures
    return render_template(
        "kpis/index.html",
        families=_by_family(lines),
        stale=sum(line.stale for line in lines),
        current=sum(line.current for line in lines),
        late=[line for line in lines if line.late],
        newest=max((line.newest_on for line in lines if line.newest_on), default=None),
        retired=[each for each in everything if each.retired_at],
        counted_at=counted.kept_since,
    )


@blueprint.get("/kpis/<kpi>")
@requires("accounts.read")
def show(kpi: str) -> str:
    """Show one KPI: its rule, how its values lie, and each relationship."""
    programme = guards.programme()
    definition = kpis.find(db.session(), programme, kpi)
    counted = kept.standing(db.session(), programme, definition, at=utcnow())
    found = counted.figures
    page, readings = kpi_lists.rows(
        db.session(),
        programme,
        found,
        on=today(),
        order=asked_order("worst"),
        number=asked_page(),
    )
    return render_template(
        "kpis/show.html",
        kpi=definition,
        line=found.line,
        spread=found.spread,
        counted_at=counted.kept_since,
        page=page.with_rows(
            [
                (row, row.reading and shown.shown(row.reading, readings.quarters))
                for row in page.rows
            ]
        ),
        rule=pages.reading_rule(definition),
        ready=_ready(kpi),
    )


def _by_family(lines: list[Line]) -> list[tuple[str, list[Line]]]:
    return [
        (family.value.capitalize(), found)
        for family in KpiFamily
        if (found := [line for line in lines if line.definition.family is family])
    ]


def _ready(slug: str) -> Ready | None:
    """Return what the catalogue says of a KPI of this short name."""
    return kpi_catalogue.catalogue().get(slug)
