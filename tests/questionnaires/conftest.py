"""A questionnaire that uses every key of the language, and ways to break it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from surveyapp.questionnaires.answers import Unit, units
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.loading import load

EVERY_KIND = Path(__file__).parent / "every-kind"


@pytest.fixture(scope="session")
def every_kind() -> Questionnaire:
    return load(EVERY_KIND)


@pytest.fixture(scope="session")
def unit(every_kind: Questionnaire) -> Callable[[str], Unit]:
    return units(every_kind).__getitem__


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of every-kind to break."""
    return Path(shutil.copytree(EVERY_KIND, tmp_path / "every-kind"))


@pytest.fixture
def edit(folder: Path) -> Callable[..., Path]:
    """Replace a text that stands once in a file of the copy."""

    def replace(old: str, new: str, file: str = "questionnaire.yaml") -> Path:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new), encoding="utf-8")
        return folder

    return replace
