"""Check a questionnaire folder whole: shape, meaning, translations, golden answers, all at once."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from surveyapp.errors import Problem
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.golden import check_golden
from surveyapp.questionnaires.meaning import check_meaning
from surveyapp.questionnaires.overlay_checks import check_overlay
from surveyapp.questionnaires.overlays import Wording
from surveyapp.questionnaires.parts import LOCALE
from surveyapp.questionnaires.repair import NOTHING_BROKEN, Broken, mend
from surveyapp.questionnaires.sentences import validate
from surveyapp.questionnaires.shape import NAMED, with_named_entries
from surveyapp.questionnaires.strict_yaml import Document, read

MAIN_FILE: Final = "questionnaire.yaml"
GOLDEN_FILE: Final = "golden.json"


@dataclass(frozen=True, slots=True)
class Examination:
    """What came of reading a questionnaire: it, when nothing is wrong, or everything that is."""

    questionnaire: Questionnaire | None
    problems: tuple[Problem, ...]


def check(path: Path) -> list[Problem]:
    """List everything wrong with a questionnaire folder or file, in the order of the lines."""
    return list(examine(path).problems)


def examine(path: Path) -> Examination:
    """Read a questionnaire folder (or its main file alone) and check all of it."""
    file = path / MAIN_FILE if path.is_dir() else path
    document = read(file)
    main = _read_main(document)
    problems = list(document.problems)
    whole = main.whole
    if file.name == MAIN_FILE and main.readable is not None:
        translations, found = _read_overlays(main.readable, main.broken, file)
        problems += found
        if whole is not None:
            whole = whole.model_copy(update={"translations": translations})
            problems += _check_folder(whole, document)
            golden = file.with_name(GOLDEN_FILE)
            # scores of a questionnaire that is wrong elsewhere would only add noise
            problems += check_golden(whole, golden) if golden.exists() and not problems else []
    return Examination(None if problems else whole, tuple(sorted(problems, key=_in_order)))


@dataclass(frozen=True, slots=True)
class _Main:
    """The main file: whole when its shape is right, and in any case what can be read of it."""

    whole: Questionnaire | None = None
    readable: Questionnaire | None = None
    broken: Broken = NOTHING_BROKEN


def _read_main(document: Document) -> _Main:
    if document.problems and document.data is None:
        return _Main()
    if not isinstance(document.data, dict):
        document.complain(
            document.place(()),
            "The file must hold lines of the form key: value, beginning with id.",
        )
        return _Main()
    _refuse_translations(document)
    q = validate(Questionnaire, document, with_named_entries(document.data))
    if q is not None:
        check_meaning(q, document)
        return _Main(q, q)
    mended, broken = mend(document.data)
    if mended is not None:
        check_meaning(mended, document, broken)
    return _Main(None, mended, broken)


def _refuse_translations(document: Document) -> None:
    if document.data.pop("translations", None) is not None:
        document.complain(
            document.place(("translations",), of_key=True),
            "Translations stand in files of their own, such as de.yaml. Move them there.",
        )
    for name in NAMED:
        block = document.data.get(name)
        for key, entry in block.items() if isinstance(block, dict) else ():
            if isinstance(entry, dict) and entry.pop("id", None) is not None:
                document.complain(
                    document.place((name, key, "id"), of_key=True),
                    f"The name before the colon, {key}, is the id. Remove this line.",
                )


def _read_overlays(
    q: Questionnaire, broken: Broken, main: Path
) -> tuple[dict[str, Wording], list[Problem]]:
    translations: dict[str, Wording] = {}
    problems: list[Problem] = []
    for file in sorted(main.parent.glob("*.yaml")):
        if file.name == MAIN_FILE:
            continue
        document = read(file)
        if not re.fullmatch(LOCALE, file.stem) or file.stem == q.language:
            document.complain(
                document.place(()),
                f"Beside {MAIN_FILE} stand translations named by another language than "
                f"{q.language}, such as de.yaml. Rename or remove this file.",
            )
        elif not document.problems:
            wording = _read_overlay(q, broken, document)
            if wording is not None:
                translations[file.stem] = wording
        problems += document.problems
    return translations, problems


def _read_overlay(q: Questionnaire, broken: Broken, document: Document) -> Wording | None:
    if not isinstance(document.data, dict):
        document.complain(document.place(()), "A translation holds lines of the form key: value.")
        return None
    wording = validate(Wording, document, document.data)
    if wording is not None and not broken.has_texts:
        check_overlay(q, wording, document)
    return wording


def _check_folder(q: Questionnaire, document: Document) -> list[Problem]:
    folder = document.path.resolve().parent.name
    if folder == q.id:
        return []
    return [
        Problem(
            document.place(("id",)),
            f"The folder is called {folder} and the questionnaire {q.id}. Give both one name.",
        )
    ]


def _in_order(problem: Problem) -> tuple[str, int, int, str]:
    parts = problem.place.rsplit(":", 2)
    if len(parts) == 3 and parts[1].isdigit() and parts[2].isdigit():  # noqa: PLR2004  # file:line:column
        return parts[0], int(parts[1]), int(parts[2]), problem.message
    return problem.place, 0, 0, problem.message
