"""The library: questionnaires that ship with surveyapp, and the operator's own before them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from surveyapp.errors import NotFound, Problem, QuestionnaireError
from surveyapp.questionnaires.checking import MAIN_FILE, examine
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.suggestions import did_you_mean
from surveyapp.resources import bundled


@dataclass(frozen=True, slots=True)
class Entry:
    """One folder of the library; a broken one is listed with its problems, not hidden."""

    id: str
    path: Path
    questionnaire: Questionnaire | None
    problems: tuple[Problem, ...]


def entries(*, extra: Iterable[Path] = ()) -> list[Entry]:
    """List the library by id; an operator's folder stands before a bundled one of the same id.

    Parameters
    ----------
    extra : iterable of Path
        The operator's directories, searched first, in this order.
    """
    return [_entry(folder) for _, folder in sorted(_folders(extra).items())]


def find(
    questionnaire_id: str, version: int | None = None, *, extra: Iterable[Path] = ()
) -> Questionnaire:
    """Return a questionnaire of the library, of that version if one is named.

    Raises
    ------
    NotFound
        The library has no such questionnaire, or not in that version.
    QuestionnaireError
        It is there and something is wrong with it.
    """
    folders = _folders(extra)
    if questionnaire_id not in folders:
        raise NotFound(
            f"There is no questionnaire {questionnaire_id}."
            f"{did_you_mean(questionnaire_id, folders)} The library has {', '.join(sorted(folders))}."
        )
    entry = _entry(folders[questionnaire_id])
    if entry.questionnaire is None:
        raise QuestionnaireError(f"The questionnaire in {entry.path} has problems.", entry.problems)
    if version not in (None, entry.questionnaire.version):
        raise NotFound(
            f"The library holds {questionnaire_id} in version {entry.questionnaire.version}, "
            f"not {version}. Older versions live on in the waves that used them."
        )
    return entry.questionnaire


def _entry(folder: Path) -> Entry:
    examination = examine(folder)
    return Entry(folder.name, folder, examination.questionnaire, examination.problems)


def _folders(extra: Iterable[Path]) -> dict[str, Path]:
    """Map each id to its folder; the folder's name is the id, which ``check`` makes sure of."""
    found: dict[str, Path] = {}
    for root in (*extra, bundled("questionnaires")):
        for folder in _inside(root):
            found.setdefault(folder.name, folder)
    return found


def _inside(root: Path) -> Iterator[Path]:
    if not root.is_dir():
        raise NotFound(f"There is no folder {root} to look for questionnaires in.")
    return (folder for folder in sorted(root.iterdir()) if (folder / MAIN_FILE).is_file())
