"""``surveyapp questionnaires``: check and read questionnaires, no database needed."""

from pathlib import Path

import click

from surveyapp.errors import Problem, QuestionnaireError
from surveyapp.questionnaires import catalogue, loading
from surveyapp.questionnaires.checking import examine
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.preview import preview
from surveyapp.questionnaires.wording import addressed, locales, localised
from surveyapp.settings import Settings


@click.group("questionnaires")
def command() -> None:
    """Check and read questionnaires."""


@command.command("check")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
def check(paths: tuple[Path, ...]) -> None:
    """Say everything that is wrong, with file, line and column.

    PATH is a questionnaire's folder or file; without one the whole library is checked.
    """
    entries = [(str(path), examine(path)) for path in paths]
    found: list[Problem] = []
    for name, examination in entries:
        found += examination.problems
        _say(name, examination.questionnaire)
    if not paths:
        for entry in catalogue.entries(extra=_folders()):
            found += entry.problems
            _say(entry.id, entry.questionnaire)
    if found:
        raise QuestionnaireError("Not every questionnaire can be used.", found)


@command.command("list")
def list_() -> None:
    """List the library: id, version, languages, title."""
    for entry in catalogue.entries(extra=_folders()):
        if entry.questionnaire is None:
            click.echo(f"{entry.id}\tbroken: surveyapp questionnaires check {entry.path}")
        else:
            q = entry.questionnaire
            click.echo(f"{q.id}\t{q.version}\t{' '.join(locales(q))}\t{q.title}")


@command.command("hash")
@click.argument("questionnaire", metavar="ID|PATH")
def hash_(questionnaire: str) -> None:
    """Print the fingerprint of the published form: the one a wave pins and a scorecard prints."""
    click.echo(loading.sha256(find(questionnaire)))


@command.command("show")
@click.argument("questionnaire", metavar="ID|PATH")
@click.option("--locale", default="", help="Language; the nearest one the questionnaire has.")
@click.option("--them", default="[them]", help="Name to show for the other side.")
@click.option("--us", default="[us]", help="Name to show for the respondent's side.")
def show(questionnaire: str, locale: str, them: str, us: str) -> None:
    """Preview a questionnaire as text: sections, items, answers, rules, scoring."""
    q = addressed(localised(find(questionnaire), locale), {"them": them, "us": us})
    click.echo(preview(q), nl=False)


def find(questionnaire: str) -> Questionnaire:
    """Return a questionnaire by its path when there is one, else by its id in the library."""
    if Path(questionnaire).exists():
        return loading.load(Path(questionnaire))
    return catalogue.find(questionnaire, extra=_folders())


def _say(name: str, questionnaire: Questionnaire | None) -> None:
    if questionnaire is not None:
        count = sum(1 for _ in questionnaire.items())
        click.echo(f"{name}: version {questionnaire.version} is good ({count} items)")


def _folders() -> tuple[Path, ...]:
    return Settings.from_env().questionnaire_folders
