"""The wheel ships what git holds, and works from any directory."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUNDLED = ("questionnaires", "kpis", "reports", "migrations")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def tracked(*folders: str) -> set[str]:
    """Paths git holds, or would after an add: what is ignored must not be shipped."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", *folders]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return {path for path in listed.stdout.split("\0") if path and (ROOT / path).exists()}


def members(wheel: Path, prefix: str) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    return {name.removeprefix(prefix) for name in names if name.startswith(prefix)}


def test_the_bundled_folders_are_those_of_git(wheel: Path) -> None:
    shipped = members(wheel, "surveyapp/_bundled/")
    assert shipped == tracked(*BUNDLED)
    assert {name.partition("/")[0] for name in shipped} == set(BUNDLED)


def test_the_package_is_that_of_git(wheel: Path) -> None:
    shipped = {name for name in members(wheel, "") if not name.startswith("surveyapp/_bundled/")}
    assert {name for name in shipped if name.startswith("surveyapp/")} == tracked("surveyapp")
    top = {name.partition("/")[0] for name in shipped}
    assert all(name == "surveyapp" or name.endswith(".dist-info") for name in top)


def test_the_installed_wheel_checks_its_questionnaires_from_the_root(
    wheel: Path, tmp_path: Path
) -> None:
    target = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--quiet"]
    subprocess.run(
        [*install, "--disable-pip-version-check", "--target", str(target), str(wheel)],
        check=True,
        capture_output=True,
    )
    environ = {
        **os.environ,
        # before the checkout, which this environment has installed as editable
        "PYTHONPATH": str(target),
        "SURVEYAPP_HOME": str(tmp_path / "home"),
    }
    program = (
        "import surveyapp, sys; from surveyapp.cli import main\n"
        "print(surveyapp.__file__); sys.argv = ['surveyapp', 'questionnaires', 'check']; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd="/",
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    where, *checked = done.stdout.splitlines()
    assert where.startswith(str(target))
    assert any(line.startswith("relationship-core: ") for line in checked)
