"""The library: questionnaires that ship with surveyapp, and the operator's own before them."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

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


Marks = tuple[tuple[str, int, int, int, int], ...]
_SOUND: Final[dict[Path, tuple[Marks, Entry]]] = {}
"""By folder what was found there last, with the marks of its files then."""


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
    """Examine a folder; one that was sound is examined again only once its files have changed.

    Examining the bundled library takes 85 ms, and pages that offer it are asked for again and again.
    """
    marks = _marks(folder)
    sound = _SOUND.get(folder)
    if sound is not None and sound[0] == marks:
        return sound[1]
    examination = examine(folder)
    entry = Entry(folder.name, folder, examination.questionnaire, examination.problems)
    if entry.questionnaire is not None:
        _SOUND[folder] = marks, entry
    return entry


def _marks(folder: Path) -> Marks:
    """Return what changes with the folder's files: which they are, their content, who may read them."""
    files = [(file.name, _status(file)) for file in sorted(folder.iterdir())]
    return tuple(
        (name, at.st_ino, at.st_size, at.st_mtime_ns, at.st_ctime_ns) for name, at in files
    )


def _status(file: Path) -> os.stat_result:
    # an editor's lock is a link to nowhere
    return file.stat() if file.exists() else file.lstat()


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
