"""Templates filled in this process, in an environment that keeps Python out of their reach."""

import functools
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from surveyapp.reports.charts.scales import MILLIMETRE, paper
from surveyapp.reports.context import PortfolioContext, ScorecardContext
from surveyapp.reports.packs import Pack, ReportContext, shared_folder
from surveyapp.reports.portfolio import PortfolioPage
from surveyapp.reports.scorecard import ScorecardPage

Page = ScorecardPage | PortfolioPage


def page_of(context: ReportContext) -> Page:
    """The sentences and charts of a context, as its templates use them."""
    if isinstance(context, ScorecardContext):
        return ScorecardPage(context)
    return PortfolioPage(context)


def context_of(pack: Pack, text: str) -> ReportContext:
    """Read a context of the kind the pack is written for."""
    if pack.report.context == "scorecard":
        return ScorecardContext.from_json(text)
    return PortfolioContext.from_json(text)


def fill(pack: Pack, context: ReportContext, sheet: str) -> str:
    """Fill the template of a pack."""
    template = environment(pack.folder, pack.shared).get_template("template.html")
    # of its settings a template sees the title alone: their class can read files
    return template.render(
        **_names(page_of(context)),
        report={"title": pack.report.title},
        sheet=sheet,
        is_letter=sheet == "letter",
    )


def method_section(page: Page) -> Markup:
    """How the numbers were made and what they cannot tell: the same words on paper and web."""
    template = environment(shared_folder()).get_template("method.html")
    return Markup(template.render(**_names(page)))  # noqa: S704  # escaped by the template


@functools.lru_cache(maxsize=16)
def environment(*folders: Path) -> ImmutableSandboxedEnvironment:
    """Templates of these folders, compiled once; one that is edited is compiled again."""
    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _names(page: Page) -> dict[str, object]:
    """What a template can use."""
    return {
        "page": page,
        "numbers": page.numbers,
        "context": page.context,
        "method": page.context.method,
        "_": page.numbers.say,
        "paper": paper,
        "mm": MILLIMETRE,
    }
