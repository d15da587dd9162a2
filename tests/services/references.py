"""A reference set as a file gives it, of the bundled annual survey."""

from typing import Any

DIMENSIONS = ["attitude", "intent", "equipment", "sales_support", "technical_support", "supplies"]
DIMENSIONS += ["administrative_support", "terms_conditions_prices"]


def given(**changes: Any) -> dict[str, Any]:
    size = len(DIMENSIONS)
    spread = [[100.0 if row == column else 60.0 for column in range(size)] for row in range(size)]
    return {
        "name": "industry-2026",
        "view": "buyer-on-supplier",
        "source": "Association of suppliers",
        "on": "2026-05-31",
        "relationships": 412,
        "answers_each": 4.2,
        "dimensions": DIMENSIONS,
        "mean": [66.0] * size,
        "between": spread,
        "within": [[3 * each for each in row] for row in spread],
        **changes,
    }
