"""KPIs that are ready to use: what each means, how to compute it, how it is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

from surveyapp.errors import Invalid, NotFound, Problem
from surveyapp.models.kpis import KpiAggregation, KpiDirection, KpiFamily, KpiUnit
from surveyapp.questionnaires.strict_yaml import Document, Keys, read
from surveyapp.questionnaires.suggestions import did_you_mean
from surveyapp.resources import bundled
from surveyapp.services.kpi_definitions import KpiFacts, problems_of

_WORDS: Final[Mapping[str, type[StrEnum]]] = {
    "unit": KpiUnit,
    "direction": KpiDirection,
    "aggregation": KpiAggregation,
}
_TEXTS: Final = ("slug", "name", "meaning", "how")
_NUMBERS: Final[Mapping[str, tuple[type, ...]]] = {
    "target": (int, float),
    "window_days": (int,),
    "half_life_days": (int,),
    "is_scored": (bool,),
    "currency": (str,),
}


@dataclass(frozen=True, slots=True)
class Ready:
    """One KPI of the catalogue."""

    facts: KpiFacts
    meaning: str
    how: str


@cache
def catalogue() -> Mapping[str, Ready]:
    """Return the catalogue that ships with surveyapp, by short name, in its order."""
    return load(bundled("kpis") / "catalogue.yaml")


def find(slug: str) -> Ready:
    """Return one KPI of the catalogue. Raises NotFound."""
    known = catalogue()
    if slug not in known:
        raise NotFound(f"The catalogue has no KPI {slug!r}.{did_you_mean(slug, known)}")
    return known[slug]


def load(path: Path) -> dict[str, Ready]:
    """Read a catalogue.

    Raises
    ------
    Invalid
        With every problem and its line.
    """
    document = read(path)
    found: dict[str, Ready] = {}
    data = document.data if isinstance(document.data, dict) else {}
    for family in data:
        if family not in set(KpiFamily):
            message = f"There is no family {family}. Families are: {', '.join(KpiFamily)}."
            document.complain(document.place((family,), of_key=True), message)
            continue
        entries = data[family] if isinstance(data[family], list) else []
        for number in range(len(entries)):
            ready = _entry(document, KpiFamily(family), (family, number))
            if ready and ready.facts.slug in found:
                place = document.place((family, number, "slug"))
                document.complain(place, f"{ready.facts.slug} stands here a second time.")
            elif ready:
                found[ready.facts.slug] = ready
    if not document.problems and not found:
        document.complain(str(path), "There is no KPI in it.")
    if document.problems:
        raise Invalid(f"{path.name} cannot be used.", document.problems)
    return found


def _entry(document: Document, family: KpiFamily, keys: Keys) -> Ready | None:
    """Read one KPI, or note what is wrong with it."""
    entry = document.data[keys[0]][keys[1]]
    before = len(document.problems)
    if not isinstance(entry, dict):
        document.complain(document.place(keys), "A KPI is a list of keys: slug, name, meaning.")
        return None
    _check_texts(document, entry, keys)
    given = {**_words(document, entry, keys), **_numbers(document, entry, keys)}
    if len(document.problems) > before:
        return None
    facts = KpiFacts(slug=entry["slug"], name=entry["name"], family=family, **given)
    document.problems += [
        Problem(document.place((*keys, problem.place)), problem.message)
        for problem in problems_of(facts)
    ]
    return Ready(facts, meaning=entry["meaning"], how=entry["how"])


def _check_texts(document: Document, entry: dict[str, Any], keys: Keys) -> None:
    known = (*_TEXTS, *_WORDS, *_NUMBERS)
    for key in entry:
        if key not in known:
            place = document.place((*keys, key), of_key=True)
            document.complain(place, f"The key {key} is not known.{did_you_mean(str(key), known)}")
    for key in _TEXTS:
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            document.complain(document.place((*keys, key)), f"The text {key} is missing.")


def _words(document: Document, entry: dict[str, Any], keys: Keys) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for key, words in _WORDS.items():
        if entry.get(key) in set(words):
            given[key] = words(entry[key])
        else:
            message = f"{key} must be one of: {', '.join(words)}."
            document.complain(document.place((*keys, key)), message)
    return given


def _numbers(document: Document, entry: dict[str, Any], keys: Keys) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for key, kinds in _NUMBERS.items():
        if key in entry and type(entry[key]) not in kinds:
            kind = " or ".join(each.__name__ for each in kinds)
            document.complain(document.place((*keys, key)), f"{key} must be {kind}.")
        elif key in entry:
            given[key] = float(entry[key]) if key == "target" else entry[key]
    return given
