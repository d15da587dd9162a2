"""The small questionnaires of single features of the language: one set for all layers' tests."""

from pathlib import Path

from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.loading import load

FOLDER = Path(__file__).parent / "features"
NAMES = sorted(folder.name for folder in FOLDER.iterdir() if folder.is_dir())


def feature(name: str) -> Questionnaire:
    return load(FOLDER / name)


def all_together() -> Questionnaire:
    """Every kind and every feature in one questionnaire."""
    return load(FOLDER.parent / "all-together")
