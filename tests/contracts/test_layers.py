"""Imports point down, and the heavy libraries stay where they are needed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ("scipy", "numpy", "weasyprint", "flask_migrate", "alembic", "openpyxl")


def loaded_by(program: str, home: Path) -> set[str]:
    """Which of the heavy libraries a fresh process has loaded after running a program."""
    said = (
        f"{program}\nimport json, sys; print(json.dumps([n for n in {HEAVY} if n in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", said],
        env={"SURVEYAPP_HOME": str(home), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_every_import_contract_is_kept() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "6 kept, 0 broken" in done.stdout


@pytest.mark.parametrize(
    "program",
    [
        "import surveyapp.web",
        "from surveyapp.app import create_app; create_app()",
        "import wsgi",
    ],
)
def test_pages_load_no_library_of_the_worker(program: str, tmp_path: Path) -> None:
    assert loaded_by(f"import sys; sys.path.insert(0, {str(ROOT)!r}); {program}", tmp_path) == set()


def test_the_worker_loads_what_scores_and_draws(tmp_path: Path) -> None:
    assert {"scipy", "weasyprint"} <= loaded_by("import surveyapp.jobs.worker", tmp_path)


def test_services_that_pages_call_load_neither_numpy_nor_scipy(tmp_path: Path) -> None:
    program = "from surveyapp.services import coverage, results, responses, scorecards, waves"
    assert loaded_by(program, tmp_path) == set()
