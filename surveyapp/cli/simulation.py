"""``surveyapp scores simulate``: how well the method finds a truth that is known."""

import math
from pathlib import Path
from typing import Final

import click
import numpy as np

from surveyapp.reports.charts.accuracy import accuracy
from surveyapp.reports.charts.scales import Canvas
from surveyapp.scoring.simulation import PEOPLE, Performance, Simulation
from surveyapp.scoring.simulation import simulate as simulate_programme

_METHODS: Final = ("plain mean", "model", "model with facts")
_CANVAS: Final = Canvas(640, 13)
_LEVELS: Final = ("Antagonistic", "Transactional", "Predisposed", "Trusted Advisor")


@click.command("simulate")
@click.option("--relationships", default=20_000, show_default=True, type=click.IntRange(min=100))
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same figures.")
@click.option(
    "--clean", is_flag=True, help="A world without skew, bias, gaps and careless answers."
)
@click.option(
    "--chart",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Draw the errors into this SVG file.",
)
def simulate(*, relationships: int, seed: int, clean: bool, chart: Path | None) -> None:
    """Score a made-up programme whose true scores are known, and say how far off the method is."""
    found = simulate_programme(relationships, np.random.default_rng(seed), is_hostile=not clean)
    click.echo(tables(found))
    if chart:
        chart.write_text(draw(found), encoding="utf-8")
        click.echo(f"\nThe chart is in {chart}.")


def tables(found: Simulation) -> str:
    """Write what a simulation found as Markdown tables: errors, shares, calibration."""
    return "\n\n".join([_errors(found), _shares(found), _calibration(found)])


def draw(found: Simulation) -> str:
    """Draw the errors of each method by the number of people who answered."""
    by_people = {method: [_row(found, method, str(n)).rmse for n in PEOPLE] for method in _METHODS}
    title = "Root mean square error in SD of true scores, by the number of people who answered"
    return str(accuracy(by_people, PEOPLE, canvas=_CANVAS, title=title)) + "\n"


def _errors(found: Simulation) -> str:
    head = "| respondents | plain mean | model | model with facts | 90% t interval | 90% bar | 90% bar with facts |"
    lines = [head, "|---|---|---|---|---|---|---|"]
    for n in [*map(str, PEOPLE), "all"]:
        rows = [_row(found, method, n) for method in _METHODS]
        cells = [f"{row.rmse:.2f} / {row.wrong_level:.2f}" for row in rows]
        cells += [_interval(row) for row in rows]
        lines.append(f"| {n} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _shares(found: Simulation) -> str:
    true, said = found.shares
    lines = ["| level | true share | mean probability |", "|---|---|---|"]
    lines += [
        f"| {level} | {share:.3f} | {mean:.3f} |"
        for level, share, mean in zip(_LEVELS, true, said, strict=True)
    ]
    return "\n".join(lines)


def _calibration(found: Simulation) -> str:
    lines = ["| probability at risk | observed | relationships |", "|---|---|---|"]
    lines += [f"| {p:.2f} | {share:.2f} | {n:.0f} |" for p, share, n in found.at_risk if n]
    return "\n".join(lines)


def _row(found: Simulation, method: str, respondents: str) -> Performance:
    return next(
        row for row in found.table if (row.method, row.respondents) == (method, respondents)
    )


def _interval(row: Performance) -> str:
    return "-" if math.isnan(row.coverage) else f"{row.coverage:.2f} ({row.width:.2f})"
