import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest

from surveyapp import scoring

PAGE = (Path(__file__).parents[2] / "docs" / "scoring.md").read_text(encoding="utf-8")
INTERNAL = {
    "answers",
    "arrays",
    "assumed",
    "assumed_state",
    "crossed",
    "estimate",
    "moments",
    "offsets",
    "patterns",
    "pooling",
}
"""Modules whose public names, where they have any, are re-exported by others."""
MODULES = sorted(
    module.name for module in pkgutil.iter_modules(scoring.__path__) if module.name not in INTERNAL
)


def functions(name: str) -> list[str]:
    module = importlib.import_module(f"surveyapp.scoring.{name}")
    exported = getattr(module, "__all__", None) or [
        found
        for found, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__
    ]
    return [
        found
        for found in exported
        if not found.startswith("_") and inspect.isfunction(getattr(module, found))
    ]


@pytest.mark.parametrize("module", MODULES)
def test_the_page_on_scoring_names_every_module_and_public_function(module: str) -> None:
    assert f"surveyapp.scoring.{module}" in PAGE
    missing = [name for name in functions(module) if not re.search(rf"`{name}`", PAGE)]
    assert not missing, f"docs/scoring.md does not mention {missing} of {module}"


@pytest.mark.parametrize("module", MODULES)
def test_every_public_function_documents_its_returns_and_its_errors(module: str) -> None:
    loaded = importlib.import_module(f"surveyapp.scoring.{module}")
    for name in functions(module):
        text = inspect.getdoc(getattr(loaded, name)) or ""
        assert "Returns\n---" in text, f"{module}.{name} does not say what it returns"
        assert "Raises\n---" in text, f"{module}.{name} does not say what it refuses"
