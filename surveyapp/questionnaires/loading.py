"""Load a questionnaire from its folder, and store and read it as canonical JSON."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from surveyapp.errors import QuestionnaireError
from surveyapp.questionnaires.checking import examine
from surveyapp.questionnaires.definition import Questionnaire


def load(path: Path) -> Questionnaire:
    """Read a questionnaire folder, or its main file, with its translations.

    Raises
    ------
    QuestionnaireError
        Something is wrong with it; ``problems`` names everything.
    """
    examination = examine(path)
    if examination.questionnaire is None:
        problems = examination.problems
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        raise QuestionnaireError(f"The questionnaire {path} has {count}.", problems)
    return examination.questionnaire


def canonical_json(q: Questionnaire) -> str:
    """Write the published form: keys sorted, nothing optional that is absent, rules as trees.

    A key added to the language later must default to None, so that older hashes stay.
    """
    data = q.model_dump(mode="json", exclude_none=True, by_alias=True)
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=64)
def from_canonical_json(text: str) -> Questionnaire:
    """Read a published questionnaire back; kept in memory, as it never changes.

    Raises
    ------
    QuestionnaireError
        The text is no stored questionnaire.
    """
    try:
        return Questionnaire.model_validate_json(text)
    except ValidationError as error:
        raise QuestionnaireError(
            f"The stored questionnaire cannot be read by this version of surveyapp: {error}"
        ) from error


def sha256(q: Questionnaire) -> str:
    """Return the fingerprint of the published form, in hex."""
    return fingerprint_of(canonical_json(q))


def fingerprint_of(canonical: str) -> str:
    """Return the fingerprint of a published form that is written already, in hex."""
    return hashlib.sha256(canonical.encode()).hexdigest()
