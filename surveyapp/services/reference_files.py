"""Reading a reference set from a YAML or JSON file, with every problem and its place."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

import yaml

from surveyapp.errors import Problem
from surveyapp.models.waves import View
from surveyapp.services import covariances

FEWEST: Final = 30
"""Relationships under which a mean is no norm."""
MOST_CHARACTERS: Final = 256 * 1024
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,62}")
_RESERVED: Final = ("assumed-", "own-")
_KEYS: Final = (
    *("name", "view", "source", "on", "relationships", "answers_each"),
    *("dimensions", "mean", "between", "within"),
)
_OPTIONAL: Final = ("mean_covariance",)
_MOST_DIMENSIONS: Final = 60
_ALIKE: Final = 1e-6
_LARGEST: Final = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A set as a file gives it, checked."""

    name: str
    view: View
    source: str
    on: str
    relationships: int
    answers_each: float
    dimensions: list[str]
    mean: list[float]
    between: list[list[float]]
    within: list[list[float]]
    mean_covariance: list[list[float]]

    def content(self) -> dict[str, Any]:
        """Return it as runs read it (``score_references.Reference``)."""
        told = asdict(self)
        del told["view"], told["on"], told["source"]
        return {
            **told,
            "origin": "imported",
            "wave": "",
            "wave_name": self.source,
            "frozen_on": self.on,
        }


def read(text: str, place: str) -> tuple[Given | None, list[Problem]]:
    """Read and check a file; None where anything is wrong with it."""
    if len(text) > MOST_CHARACTERS:
        return None, [Problem(place, f"The file is larger than {MOST_CHARACTERS // 1024} KiB.")]
    try:
        # JSON by its own rules: YAML reads 1e-5 as a word
        data = _of_json(text) if text.lstrip().startswith("{") else yaml.load(text, _Once)  # noqa: S506 a safe loader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return None, [_unreadable(error, place)]
    if not isinstance(data, dict):
        return None, [Problem(place, f"Write a mapping with the keys {', '.join(_KEYS)}.")]
    check = _Check(data, place)
    return check.given(), check.problems


class _Once(yaml.SafeLoader):
    """Refuses a key that stands twice, where YAML would take the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 signature of the base class
        """Read a mapping whose keys are plain words."""
        _require_once([key.value for key, _ in node.value])
        return super().construct_mapping(node, deep=deep)


def _of_json(text: str) -> object:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        _require_once([key for key, _ in pairs])
        return dict(pairs)

    return json.loads(text, object_pairs_hook=once)


def _require_once(keys: list[Any]) -> None:
    for key in keys:
        if keys.count(key) > 1:
            raise ValueError(f"The key {key} stands twice.")


def _unreadable(error: Exception, place: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        place = f"{place}:{mark.line + 1}:{mark.column + 1}"
    elif isinstance(error, json.JSONDecodeError):
        place = f"{place}:{error.lineno}:{error.colno}"
    elif str(error).startswith("The key "):
        return Problem(place, f"{error} Leave one.")
    return Problem(place, "This is neither YAML nor JSON. Mend it here.")


class _Check:
    """Goes through the keys and notes what is wrong."""

    def __init__(self, data: dict[Any, Any], place: str) -> None:
        self._data, self._place = data, place
        self.problems: list[Problem] = []

    def given(self) -> Given | None:
        for key in _KEYS:
            if key not in self._data:
                self._wrong(key, "This is missing.")
        for key in self._data:
            if key not in (*_KEYS, *_OPTIONAL):
                self._wrong(str(key), f"Unknown. Known are {', '.join((*_KEYS, *_OPTIONAL))}.")
        if self.problems:
            return None
        dimensions = self._dimensions()
        if self.problems:
            return None
        size = len(dimensions)
        relationships, answers = self._relationships(), self._answers()
        between, within = self._matrix("between", size), self._matrix("within", size)
        mean = self._mean(size)
        of_mean = (
            self._matrix("mean_covariance", size)
            if "mean_covariance" in self._data
            else covariances.of_mean(
                between, within, relationships=relationships, answers_each=answers
            )
        )
        name, view, source, on = self._name(), self._view(), self._words("source"), self._on()
        if self.problems or view is None:
            return None
        return Given(
            name=name,
            view=view,
            source=source,
            on=on,
            relationships=relationships,
            answers_each=answers,
            dimensions=dimensions,
            mean=mean,
            between=between,
            within=within,
            mean_covariance=of_mean,
        )

    def _wrong(self, key: str, message: str) -> None:
        self.problems.append(Problem(f"{self._place}: {key}", message))

    def _name(self) -> str:
        name = self._data["name"]
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            self._wrong("name", "Write 2 to 63 small letters, digits and hyphens.")
            return ""
        if name.startswith(_RESERVED):
            self._wrong(
                "name", "Names that start with assumed- or own- are surveyapp's. Choose another."
            )
        return name

    def _view(self) -> View | None:
        try:
            return View(self._data["view"])
        except ValueError:
            self._wrong("view", f"Write one of {', '.join(View)}.")
            return None

    def _words(self, key: str) -> str:
        value = self._data[key]
        if not isinstance(value, str) or not 1 <= len(value.strip()) <= 200:  # noqa: PLR2004 as the column holds
            self._wrong(key, "Say in up to 200 letters where it comes from.")
            return ""
        return value.strip()

    def _on(self) -> str:
        value = self._data["on"]
        try:
            day = value if type(value) is date else date.fromisoformat(str(value))
        except ValueError:
            self._wrong("on", "Write the day of the data, such as 2026-05-31.")
            return ""
        return day.isoformat()

    def _relationships(self) -> int:
        value = self._data["relationships"]
        if type(value) is not int or value < FEWEST:
            told = (
                f"A reference set needs {FEWEST} relationships or more: the mean of fewer is mostly"
                " chance. Until there are so many, scores are read against assumed-1."
            )
            self._wrong("relationships", told)
            return 0
        if value >= _LARGEST:
            self._wrong("relationships", "There are not so many. Write how many there are.")
            return 0
        return value

    def _answers(self) -> float:
        value = self._data["answers_each"]
        if not (_is_number(value) and 1 <= value < 1000):  # noqa: PLR2004 nobody asks more
            self._wrong("answers_each", "Write how many people answered in each, 1 or more.")
            return 1.0
        return float(value)

    def _dimensions(self) -> list[str]:
        value = self._data["dimensions"]
        is_list = isinstance(value, list) and all(isinstance(each, str) for each in value)
        if not is_list or not 1 <= len(value) <= _MOST_DIMENSIONS or len(set(value)) < len(value):
            told = f"List 1 to {_MOST_DIMENSIONS} ids of dimensions, each once."
            self._wrong("dimensions", told)
            return []
        return list(value)

    def _mean(self, size: int) -> list[float]:
        value = self._data["mean"]
        if not _are_numbers(value, size) or not all(0 <= each <= 100 for each in value):  # noqa: PLR2004 the scale
            self._wrong("mean", f"List {size} means from 0 to 100, one for each dimension.")
            return []
        return [float(each) for each in value]

    def _matrix(self, key: str, size: int) -> list[list[float]]:
        value = self._data[key]
        empty = [[0.0] * size for _ in range(size)]
        is_square = isinstance(value, list) and len(value) == size
        if not is_square or not all(_are_numbers(row, size) for row in value):
            told = f"Write a covariance of {size} rows with {size} numbers each."
            self._wrong(key, told)
            return empty
        scale = max((abs(each) for row in value for each in row), default=0.0)
        turned = list(zip(*value, strict=True))
        pairs = [list(zip(*rows, strict=True)) for rows in zip(value, turned, strict=True)]
        if any(abs(one - other) > _ALIKE * max(scale, 1.0) for row in pairs for one, other in row):
            self._wrong(key, "A covariance is the same above and below its diagonal.")
            return empty
        matrix = [[(one + other) / 2 for one, other in row] for row in pairs]
        if not all(row[place] > 0 for place, row in enumerate(matrix)):
            self._wrong(key, "Every variance, on the diagonal, must be more than 0.")
        elif not covariances.is_semidefinite(matrix, allowing=_ALIKE * scale):
            told = (
                "No scores can have these covariances: the matrix is not positive semidefinite."
                " Give more decimals, or estimate it in one piece."
            )
            self._wrong(key, told)
        return matrix


def _is_number(value: object) -> bool:
    # NaN and infinity are not within it either
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST


def _are_numbers(value: object, size: int) -> bool:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != size:
        return False
    return all(_is_number(each) for each in value)
