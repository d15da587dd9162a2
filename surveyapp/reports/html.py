"""From a context to the HTML of a report, in an environment where a template can do no harm."""

from typing import Final

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from surveyapp.reports.charts.scales import Canvas
from surveyapp.reports.context import ScorecardContext
from surveyapp.reports.packs import Pack, ReportContext
from surveyapp.reports.portfolio import PortfolioPage
from surveyapp.reports.scorecard import ScorecardPage

_PIXELS_PER_MM: Final = 96 / 25.4
_PIXELS_PER_POINT: Final = 96 / 72
_CHART_TEXT: Final = 8.0
"""Points: the smallest text on paper."""


def paper(width: float, text: float = _CHART_TEXT) -> Canvas:
    """A chart on paper: width in millimetres, text in points."""
    return Canvas(width * _PIXELS_PER_MM, text * _PIXELS_PER_POINT)


def page_of(context: ReportContext) -> ScorecardPage | PortfolioPage:
    """The sentences and charts of a context, as its templates use them."""
    if isinstance(context, ScorecardContext):
        return ScorecardPage(context)
    return PortfolioPage(context)


def render(pack: Pack, context: ReportContext) -> str:
    """Return the whole HTML document of a report.

    Raises
    ------
    Invalid
        The pack was not written for this kind of context or its language.
    """
    pack.require(context)
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader([pack.folder, pack.shared]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = page_of(context)
    template = environment.get_template("template.html")
    return template.render(
        page=page,
        numbers=page.numbers,
        context=context,
        method=context.method,
        report=pack.report,
        paper=paper,
        mm=_PIXELS_PER_MM,
    )
