"""How a benchmark says what it found."""

import json
import os
import platform
import subprocess
from collections.abc import Mapping


def report(bar: str, value: float, unit: str, detail: Mapping[str, float | str]) -> None:
    """Print the one JSON object that ends a benchmark."""
    print(
        json.dumps(
            {
                "bar": bar,
                "value": value,
                "unit": unit,
                "detail": dict(detail),
                "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
                "commit": _commit(),
            }
        )
    )


def _commit() -> str:
    found = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or "not a checkout"
