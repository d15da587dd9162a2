"""No module outgrows what one can hold in the head."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST = 300
MODULES = sorted((ROOT / "surveyapp").rglob("*.py"))


def test_there_are_modules_to_count() -> None:
    assert len(MODULES) > 50


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_stay_short(module: Path) -> None:
    lines = len(module.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST, "Split it by noun; see docs/architecture.md."
