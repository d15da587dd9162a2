"""How a benchmark says what it found."""

import json
import os
import platform
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_GIGABYTE: Final = 2**30


def report(bar: str, value: float, unit: str, detail: Mapping[str, float | str]) -> None:
    """Print the one JSON object that ends a benchmark."""
    print(
        json.dumps(
            {
                "bar": bar,
                "value": value,
                "unit": unit,
                "detail": dict(detail),
                "machine": machine(),
                "commit": _commit(),
            }
        ),
        flush=True,
    )


def machine() -> str:
    """Describe the machine: figures are compared only with those of the same description."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _GIGABYTE
    return ", ".join(
        (
            f"{platform.machine()} {_processor()}".strip(),
            f"{os.cpu_count()} cores",
            f"{memory:.0f} GB",
            f"Python {platform.python_version()}",
        )
    )


def _processor() -> str:
    """Return the processor's name, where the system tells it."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if "model name" in line), "")


def _commit() -> str:
    commit = _git("rev-parse", "--short", "HEAD")
    changed = _git("status", "--porcelain", "--untracked-files=no")
    return f"{commit or 'not a checkout'}{' and changes' if changed else ''}"


def _git(*arguments: str) -> str:
    found = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    return found.stdout.strip()
