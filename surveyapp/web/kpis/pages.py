"""What the pages about facts share: their place, and the words for ages and windows."""

from flask import Blueprint
from flask_babel import gettext as _
from flask_babel import ngettext

from surveyapp.models.kpis import KpiAggregation, KpiDefinition
from surveyapp.services.kpi_words import written
from surveyapp.web.filters import reader_locale

blueprint = Blueprint("kpis", __name__, url_prefix="/p/<programme>/facts")
_WEEKS_FROM = 60
"""Days; younger facts are told in days."""
_YEARS_FROM = 730
_MONTH = 30.44
_YEAR = 365.25


def value(definition: KpiDefinition, told: float) -> str:
    """Write a value for the reader of the page."""
    return written(definition, told, locale=reader_locale())


def age(days: int) -> str:
    """Say how old a fact is, in the largest unit that still tells something."""
    if days < _WEEKS_FROM:
        return str(ngettext("%(num)s day old", "%(num)s days old", days))
    if days < _YEARS_FROM:
        months = round(days / _MONTH)
        return str(ngettext("%(num)s month old", "%(num)s months old", months))
    years = int(days / _YEAR)
    return str(ngettext("%(num)s year old", "%(num)s years old", years))


def reading_rule(definition: KpiDefinition) -> str:
    """Say how the observations of a window become one value."""
    if definition.formula:
        return str(_("Computed from other KPIs: %(formula)s", formula=definition.formula))
    days = definition.window_days
    match definition.aggregation:
        case KpiAggregation.RATE:
            return str(_("All cases of %(days)s days together", days=days))
        case KpiAggregation.MEAN:
            return str(_("The mean over %(days)s days", days=days))
        case KpiAggregation.SUM:
            return str(_("The sum of %(days)s days", days=days))
        case KpiAggregation.LAST:
            return str(_("The last value of %(days)s days", days=days))


blueprint.add_app_template_global(value, "kpi_value")
blueprint.add_app_template_global(age, "kpi_age")
