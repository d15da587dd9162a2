import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

CASES = json.loads((Path(__file__).parent / "cases.json").read_text(encoding="utf-8"))


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20_260_101)


@pytest.fixture
def case() -> Callable[[str], tuple[dict[str, Any], dict[str, Any]]]:
    """The data of a published case, and its expected values as approximations by name."""

    def find(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
        found = CASES[name]
        expected = {
            part["name"]: pytest.approx(np.array(part["value"]), rel=0, abs=part["tol"])
            for part in found["expected"]
        }
        return found["data"], expected

    return find
