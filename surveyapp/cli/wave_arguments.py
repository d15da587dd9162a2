"""What the commands about waves take: a programme and a wave by their short names, days and moments."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import wraps
from typing import Any, Final

import click
from sqlalchemy.orm import Session

from surveyapp.models.accounts import Function, Influence
from surveyapp.models.waves import Wave
from surveyapp.services import programmes, waves
from surveyapp.services.wave_lists import Rule

DAY: Final = click.DateTime(["%Y-%m-%d"])
MOMENT: Final = click.DateTime(["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"])
"""In UTC."""


def one_wave(command: Callable[..., None]) -> Callable[..., None]:
    """Add the arguments PROGRAMME and WAVE to a command."""
    wave = click.argument("wave")
    return click.argument("programme")(wave(command))


def found(session: Session, programme: str, wave: str) -> Wave:
    """Return the wave of these short names. Raises NotFound."""
    return waves.find(session, programmes.find(session, programme), wave)


def end_of(day: date) -> datetime:
    """Return the closing time of a last day for answers, which counts whole."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)


def utc(moment: datetime) -> datetime:
    """Read a moment as typed: UTC."""
    return moment.replace(tzinfo=UTC)


def values(kind: Any) -> click.Choice[str]:  # noqa: ANN401 any StrEnum class
    """Offer the values of an enumeration."""
    return click.Choice([each.value for each in kind])


def rule_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say whom a wave asks; the command gets them as ``rule``."""

    @wraps(command)
    def with_rule(
        *args: object,
        segment: tuple[str, ...],
        product_line: tuple[str, ...],
        service_team: tuple[str, ...],
        region: tuple[str, ...],
        minimum_value: Decimal | None,
        function: tuple[str, ...],
        influence: tuple[str, ...],
        **others: object,
    ) -> None:
        rule = Rule(
            segments=segment,
            product_lines=product_line,
            service_teams=service_team,
            regions=region,
            minimum_value=minimum_value,
            functions=tuple(map(Function, function)),
            influences=tuple(map(Influence, influence)),
        )
        command(*args, rule=rule, **others)

    options = (
        click.option("--segment", multiple=True, help="Only relationships of this segment."),
        click.option("--product-line", multiple=True, help="Only those of this product line."),
        click.option("--service-team", multiple=True, help="Only those of this service team."),
        click.option("--region", multiple=True, help="Only those of this region."),
        click.option("--minimum-value", type=_Amount(), help="Only those worth so much a year."),
        click.option("--function", multiple=True, type=values(Function), help="Only its people."),
        click.option(
            "--influence", multiple=True, type=values(Influence), help="Only who does so."
        ),
    )
    chosen: Callable[..., None] = with_rule
    for option in reversed(options):
        chosen = option(chosen)
    return chosen


class _Amount(click.ParamType[Decimal]):
    name = "amount"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        """Read digits with a point before cents."""
        if not re.fullmatch(r"\d{1,16}(\.\d{1,2})?", str(value)):
            self.fail(f"{value!r} is not an amount. Write digits, such as 125000.50.", param, ctx)
        return Decimal(str(value))
