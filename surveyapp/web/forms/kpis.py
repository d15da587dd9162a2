"""Forms for KPIs: their definition, the catalogue's ticks, a file of observations."""

from typing import Any, Final

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import HiddenField, SelectField

from surveyapp.models.kpis import (
    KpiAggregation,
    KpiDirection,
    KpiFamily,
    KpiUnit,
)
from surveyapp.services import account_cells as cells
from surveyapp.services import kpi_cells
from surveyapp.services.kpi_definitions import LONGEST_NAME, LONGEST_SOURCE, MOST_DAYS, KpiFacts
from surveyapp.web.forms.cells import CellField, EditForm
from surveyapp.web.forms.choices import options, options_of
from surveyapp.web.forms.console import ConsoleForm

_DIGITS: Final = 6


def _days(cell: str) -> int:
    if not (cell.isascii() and cell.isdigit()) or len(cell) > _DIGITS:
        raise ValueError(f"Write a number of days from 1 to {MOST_DAYS}.")
    return int(cell)


def _target(cell: str) -> float:
    """A share may be written as 95 %."""
    if cell.endswith("%"):
        return kpi_cells.number(cell.removesuffix("%").strip()) / 100
    return kpi_cells.number(cell)


class TargetField(CellField):
    """A number in the KPI's unit, shown without a useless zero."""

    def process_data(self, value: Any) -> None:  # noqa: ANN401 what EditForm.of gives
        """Show 2 for 2.0."""
        super().process_data(value)
        self.data = str(self.data).removesuffix(".0")


class KpiForm(EditForm):
    """Everything that may be said of a KPI."""

    name = CellField(
        _("Name"), parser=cells.text(LONGEST_NAME), required=_("Write a name people recognise.")
    )
    family = SelectField(_("Family"), choices=options_of(KpiFamily))
    unit = SelectField(
        _("Unit"),
        choices=options_of(KpiUnit),
        description=_("A share lies between 0 and 1 and is printed as percent."),
    )
    currency = CellField(
        _("Currency"),
        parser=cells.text(3),
        description=_("Of money only: three letters, as in EUR."),
    )
    direction = SelectField(
        _("Which way is better"),
        choices=options([("higher", _("Higher is better")), ("lower", _("Lower is better"))]),
    )
    target = TargetField(
        _("Target"),
        parser=_target,
        empty=None,
        description=_("In the unit, as in 0.95 or 95 %. Leave it empty if there is none."),
        render_kw={"inputmode": "decimal"},
    )
    aggregation = SelectField(
        _("How periods become one value"),
        choices=options(
            [
                ("rate", _("Rate: all cases together, good ones over all")),
                ("mean", _("Mean, weighted by the denominator where there is one")),
                ("sum", _("Sum")),
                ("last", _("Last value")),
            ]
        ),
    )
    window_days = CellField(
        _("Window in days"),
        parser=_days,
        required=_("Write a number of days; 365 for four quarters."),
        description=_("Periods that ended within so many days count together."),
        render_kw={"inputmode": "numeric"},
    )
    half_life_days = CellField(
        _("Half-life in days"),
        parser=_days,
        required=_("Write a number of days."),
        description=_(
            "After so many days a value tells half as much. After twice as many it is stale and no"
            " longer counted."
        ),
        render_kw={"inputmode": "numeric"},
    )
    source = CellField(
        _("Source"),
        parser=cells.text(LONGEST_SOURCE),
        description=_("The system or list the values come from."),
    )
    formula = CellField(
        _("Formula"),
        parser=cells.text(1000),
        description=_(
            "Only for a KPI computed from others, as in 1 - kpi.on_time. Leave it empty for one that"
            " is imported."
        ),
    )
    is_scored = SelectField(
        _("Use"),
        choices=options([("True", _("Informs the scores")), ("False", _("Shown only"))]),
    )

    def facts(self, slug: str) -> KpiFacts:
        """Return what was filled in."""
        return KpiFacts(
            slug=slug,
            name=self.name.value,
            family=KpiFamily(self.family.data),
            unit=KpiUnit(self.unit.data),
            currency=self.currency.value,
            direction=KpiDirection(self.direction.data),
            target=self.target.value,
            aggregation=KpiAggregation(self.aggregation.data),
            window_days=self.window_days.value,
            half_life_days=self.half_life_days.value,
            source=self.source.value,
            formula=self.formula.value,
            is_scored=self.is_scored.data == "True",
        )


class NewKpiForm(KpiForm):
    """A KPI of one's own."""

    slug = CellField(
        _("Short name"),
        parser=cells.text(64),
        required=_("Write a short name, as in on_time."),
        description=_("Files, formulas and conditions name it so: on_time. It never changes."),
    )


class FactsFileForm(ConsoleForm):
    """A file of observations."""

    file: Any = FileField(
        _("CSV file or workbook (.xlsx)"),
        description=_("Up to 20 MB, one table: a row for each value, or a column for each KPI."),
        render_kw={"accept": ".csv,.xlsx,.txt,.tsv"},
    )


class CommitForm(ConsoleForm):
    """The file that was looked at, to be stored now."""

    upload = HiddenField()
