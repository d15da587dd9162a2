"""docs/questionnaires.md describes the whole language, and its examples work."""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from surveyapp.questionnaires import definition, items, overlays
from surveyapp.questionnaires.checking import check
from surveyapp.questionnaires.evaluation import UNKNOWN, Result, conjunction, disjunction, negation
from surveyapp.questionnaires.expressions import FUNCTIONS, KEYWORDS, SOURCES
from surveyapp.questionnaires.golden import Case, Golden

TEXT = (Path(__file__).parents[2] / "docs" / "questionnaires.md").read_text(encoding="utf-8")


def keys() -> Iterator[str]:
    for module in (definition, items, overlays):
        for thing in vars(module).values():
            if isinstance(thing, type) and issubclass(thing, BaseModel):
                yield from (field.alias or key for key, field in thing.model_fields.items())
    yield from Golden.model_fields
    yield from Case.model_fields


NOT_WRITTEN = {"translations"}
"""Authors write translations into files of their own."""


@pytest.mark.parametrize("key", sorted(set(keys()) - NOT_WRITTEN))
def test_every_key_of_the_language_is_described(key: str) -> None:
    assert re.search(rf"`{key}\b|^\s*-? ?\"?{key}\"?:", TEXT, re.MULTILINE), key


@pytest.mark.parametrize("word", [*items.ITEM_KINDS, *SOURCES, *definition.Anonymity])
def test_every_kind_source_and_contract_is_described(word: str) -> None:
    assert f"`{word}" in TEXT


@pytest.mark.parametrize("word", [*FUNCTIONS, *KEYWORDS])
def test_every_word_of_conditions_is_described(word: str) -> None:
    assert re.search(rf"`[^`]*\b{word}\b[^`]*`", TEXT)


def test_the_truth_table_is_what_the_code_does() -> None:
    named: dict[str, Result] = {"true": True, "false": False, "unknown": UNKNOWN}
    rows = re.findall(r"^\| (\w+) \| (\w+) \| (\w+) \| (\w+) \| (\w+) \|$", TEXT, re.MULTILINE)
    table = [tuple(named[word] for word in row) for row in rows if set(row) <= named.keys()]
    assert table == [
        (a, b, conjunction([a, b]), disjunction([a, b]), negation(a))
        for a, b in itertools.product(named.values(), repeat=2)
    ]


def test_the_example_with_its_translation_and_golden_answers_is_sound(tmp_path: Path) -> None:
    example, german = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    (golden,) = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
    folder = tmp_path / "short-pulse"
    folder.mkdir()
    (folder / "questionnaire.yaml").write_text(example, encoding="utf-8")
    (folder / "de.yaml").write_text(german, encoding="utf-8")
    (folder / "golden.json").write_text(golden, encoding="utf-8")
    assert check(folder) == []
