"""Golden answers: complete answer sets beside a questionnaire, with the scores they must give."""

import json
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import Field, ValidationError

from surveyapp.errors import Problem
from surveyapp.questionnaires.answers import answerable, disagreeing, missing, on_path, parse, units
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.encoding import (
    PARTS_A_POINT,
    ScoringPlan,
    respondent_vector,
    scoring_plan,
)
from surveyapp.questionnaires.parts import AnswerId, Identifier, Part
from surveyapp.questionnaires.reading import AnswerError
from surveyapp.questionnaires.suggestions import did_you_mean
from surveyapp.questionnaires.values import Value

LARGEST: Final = 1024 * 1024


class Case(Part):
    """One respondent: what was answered and what must come of it."""

    name: Annotated[str, Field(min_length=1)]
    answers: dict[str, Any]
    reference_means: dict[Identifier, Annotated[float, Field(ge=0, le=100)]] = Field(
        default_factory=dict
    )
    """Items whose reference mean differs from the file's ``reference_mean``."""
    scores: dict[Identifier, float | None]
    """Each dimension in points 0..100, to four decimals; null where it is missing."""
    seq: float | None = None
    sources: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Facts that conditions ask for; ``clock: today`` is what ``today()`` says."""
    values: dict[Identifier, Any] = Field(default_factory=dict)
    """Each calculated value that must come of it."""
    disagreeing: tuple[AnswerId, ...] = ()
    """Answers that ``valid_if`` objects to."""
    hidden: tuple[AnswerId, ...] = ()
    """Answers given that are off the path."""
    missing: tuple[AnswerId, ...] = ()
    """Required answers that are not there."""


class Golden(Part):
    """The file golden.json."""

    reference_mean: Annotated[float, Field(ge=0, le=100)]
    cases: Annotated[tuple[Case, ...], Field(min_length=1)]


def check_golden(q: Questionnaire, path: Path) -> list[Problem]:
    """Play every case of golden.json and say where the outcome is another than the author expects."""
    golden = _read(path)
    if isinstance(golden, Problem):
        return [golden]
    return [
        Problem(str(path), f"In the case “{case.name}”: {sentence}")
        for case in golden.cases
        for sentence in _case(q, golden, case)
    ]


def _read(path: Path) -> Golden | Problem:  # noqa: PLR0911  # one sentence a way to be unreadable
    try:
        content = path.read_bytes()
        if len(content) > LARGEST:
            return Problem(str(path), f"The file is larger than {LARGEST // 1024} KiB.")
        return Golden.model_validate_json(json.dumps(json.loads(content)))
    except OSError as error:
        return Problem(str(path), f"The file cannot be read: {error.strerror}.")
    except UnicodeDecodeError:
        return Problem(str(path), "This is not UTF-8 text. Save the file as UTF-8.")
    except json.JSONDecodeError as error:
        return Problem(f"{path}:{error.lineno}:{error.colno}", f"This is not JSON: {error.msg}.")
    except RecursionError:
        return Problem(str(path), "This is nested too deep to be answers.")
    except ValidationError as error:
        finding = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in finding["loc"]) or "the file"
        return Problem(str(path), f"{where}: {finding['msg']}.")


def _case(q: Questionnaire, golden: Golden, case: Case) -> list[str]:
    known = units(q)
    answers: dict[str, Value] = {}
    sentences: list[str] = []
    for key, raw in case.answers.items():
        if key not in known:
            sentences.append(f"there is no item {key}.{did_you_mean(key, known)}")
            continue
        try:
            value = parse(known[key], raw)
        except AnswerError as error:
            sentences.append(f"the answer to {key} is refused: {error}")
            continue
        if value is not None:
            answers[key] = value
    return sentences or [*_path(q, case, answers), *_scores(q, golden, case, answers)]


def _path(q: Questionnaire, case: Case, answers: dict[str, Value]) -> list[str]:
    kept = on_path(q, answers, case.sources)
    hidden = sorted(set(answers) - set(kept))
    required = sorted(gap.id for gap in missing(q, answers, case.sources))
    objected = sorted(gap.id for gap in disagreeing(q, answers, case.sources))
    values = {key: value for key, value in kept.items() if key not in answers}
    sentences = []
    if values != case.values:
        sentences.append(f"calculated values are {values}, not {case.values}.")
    if objected != sorted(case.disagreeing):
        sentences.append(f"valid_if objects to {objected}, not {sorted(case.disagreeing)}.")
    if hidden != sorted(case.hidden):
        sentences.append(f"hidden answers are {hidden}, not {sorted(case.hidden)}.")
    if required != sorted(case.missing):
        sentences.append(f"missing answers are {required}, not {sorted(case.missing)}.")
    return sentences


def _scores(q: Questionnaire, golden: Golden, case: Case, answers: dict[str, Value]) -> list[str]:
    if q.scoring is None:
        return ["scores are expected, but nothing is scored."] if case.scores else []
    plan = _plan(q, golden, case)
    vector = respondent_vector(plan, on_path(q, answers, case.sources))
    found = {dimension.id: entry for dimension, entry in zip(plan.dimensions, vector, strict=True)}
    sentences = [
        f"{name} comes to {_points(found.get(name))}, not {_points(_parts(case.scores.get(name)))}."
        for name in sorted(found.keys() | case.scores.keys())
        if name not in found or name not in case.scores or found[name] != _parts(case.scores[name])
    ]
    seq = _seq(q.scoring.seq, found)
    if seq != _parts(case.seq):
        sentences.append(f"SEQ comes to {_points(seq)}, not {_points(_parts(case.seq))}.")
    return sentences


def _plan(q: Questionnaire, golden: Golden, case: Case) -> ScoringPlan:
    scored = [unit.id for _, item in q.items() for unit in answerable(q, item)]
    means = {key: case.reference_means.get(key, golden.reference_mean) for key in scored}
    return scoring_plan(q, reference_means=means)


def _seq(weights: dict[str, float], found: dict[str, int | None]) -> int | None:
    total = 0.0
    for name, weight in weights.items():
        entry = found.get(name)
        if entry is None:
            return None
        total += weight * entry
    return round(total)


def _parts(points: float | None) -> int | None:
    return None if points is None else round(points * PARTS_A_POINT)


def _points(parts: int | None) -> str:
    return "missing" if parts is None else f"{parts / PARTS_A_POINT:.4f}"
