"""Results on the web: the scorecard and the portfolio from the same contexts as their PDFs."""

from collections.abc import Callable, Sequence

from flask import render_template

from surveyapp.reports import html
from surveyapp.reports.charts.scales import Canvas, phone, screen
from surveyapp.reports.context import PortfolioContext, PortfolioRow, ScorecardContext
from surveyapp.services.results_overview import WaveLine

_RAIL_MIX = Canvas(340, 13)
_RAIL_PEOPLE = Canvas(106, 11)
_SPARK = Canvas(132, 13)


def show_overview(lines: Sequence[WaveLine]) -> str:
    """Render what the newest released report says, and every wave with its documents."""
    newest = next((line for line in lines if line.called), None)
    said = html.page_of(newest.called.report) if newest and newest.called else None
    return render_template(
        "results/overview.html",
        lines=lines,
        newest=newest,
        page=said,
        mix=screen(520),
        mix_phone=phone(),
    )


def essentials(context: ScorecardContext) -> dict[str, object]:
    """What a page of something else needs to include the essentials of a released scorecard."""
    page = html.page_of(context)
    return {
        "page": page,
        "context": context,
        "numbers": page.numbers,
        "screen": screen,
        "phone": phone,
    }


def show_scorecard(
    context: ScorecardContext, *, pdf_url: str, overview_url: str, wave_url: str
) -> str:
    """Render one relationship's results, below its wave's and the list of all waves."""
    return _render(
        "results/scorecard.html",
        context,
        rail=_RAIL_PEOPLE,
        pdf_url=pdf_url,
        overview_url=overview_url,
        wave_url=wave_url,
    )


def show_portfolio(
    context: PortfolioContext,
    *,
    pdf_url: str,
    overview_url: str,
    archive_url: str,
    url_of: Callable[[PortfolioRow], str],
) -> str:
    """Render all results of a wave; ``url_of`` gives the page of a row that has a key."""
    return _render(
        "results/portfolio.html",
        context,
        rail=_RAIL_MIX,
        pdf_url=pdf_url,
        overview_url=overview_url,
        archive_url=archive_url,
        url_of=url_of,
    )


def _render(
    template: str,
    context: ScorecardContext | PortfolioContext,
    *,
    rail: Canvas,
    **addresses: str | Callable[[PortfolioRow], str],
) -> str:
    """Hand a template its context and what draws it: sentences, numbers, charts at both widths."""
    page = html.page_of(context)
    return render_template(
        template,
        page=page,
        context=context,
        method=context.method,
        numbers=page.numbers,
        method_section=html.method_section(page),
        screen=screen,
        phone=phone,
        rail=rail,
        spark=_SPARK,
        **addresses,
    )
