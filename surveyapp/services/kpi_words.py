"""Values of KPIs as people write them: with their unit, no more precise than it is useful."""

from babel.numbers import format_currency, format_decimal, format_percent

from surveyapp.models.kpis import KpiDefinition, KpiUnit

_THOUSAND = 1000


def written(definition: KpiDefinition, value: float, *, locale: str = "en_GB") -> str:
    """Write a value with its unit: 93.5%, €12,500, 3.2 days, 0.97."""
    match definition.unit:
        case KpiUnit.SHARE:
            return format_percent(value, format="#,##0.#%", locale=locale)
        case KpiUnit.MONEY:
            pattern = None if abs(value) < _THOUSAND else "¤#,##0"
            return format_currency(
                value, definition.currency, pattern, locale=locale, currency_digits=pattern is None
            )
        case KpiUnit.DAYS:
            return f"{format_decimal(value, format='#,##0.#', locale=locale)} days"
        case KpiUnit.RATIO:
            return format_decimal(value, format="#,##0.00", locale=locale)
        case KpiUnit.POINTS:
            return f"{format_decimal(value, format='#,##0.#', locale=locale)} points"
        case KpiUnit.COUNT:
            return format_decimal(value, format="#,##0.##", locale=locale)
