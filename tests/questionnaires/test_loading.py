"""Reading from a folder, storing as canonical JSON, and the fingerprint of both."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from surveyapp.errors import QuestionnaireError
from surveyapp.questionnaires import strict_yaml
from surveyapp.questionnaires.catalogue import entries
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.loading import canonical_json, from_canonical_json, load, sha256
from surveyapp.questionnaires.strict_yaml import read

Edit = Callable[..., Path]
# pinned: another value means that stored versions would no longer match their files
FINGERPRINT = "cb345aaeea057a1d56ae5489c1834fe8d8260c42b0ca790a2c85f141594905ae"


def test_the_fingerprint_of_a_questionnaire_never_changes(every_kind: Questionnaire) -> None:
    assert sha256(every_kind) == FINGERPRINT


def test_storage_gives_the_same_questionnaire_back(every_kind: Questionnaire) -> None:
    text = canonical_json(every_kind)
    stored = from_canonical_json(text)
    assert stored == every_kind
    assert canonical_json(stored) == text
    assert [dimension.id for dimension in stored.dimensions] == ["trust", "speed"]
    assert from_canonical_json(text) is stored


def test_canonical_json_is_sorted_compact_and_holds_rules_as_trees(
    every_kind: Questionnaire,
) -> None:
    text = canonical_json(every_kind)
    data = json.loads(text)
    assert text == json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert data["sections"][1]["visible_if"]["node"] == "or"
    assert "null" not in text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version: 2", "version: 2 # a comment"),
        (
            "purpose: perception\ntitle: Every kind of item",
            'title: "Every kind of item"\npurpose: perception',
        ),
        ("labels: {1: Disagree, 5: Agree}", "labels: {5: Agree, 1: Disagree}"),
        ("visible_if: honest <= 3 or fast <= 3", "visible_if: (honest<=3) or (fast <= 3)"),
        ("points: 1}", "points: 1.0}"),
    ],
)
def test_the_way_it_is_written_does_not_change_the_fingerprint(
    edit: Edit, every_kind: Questionnaire, old: str, new: str
) -> None:
    assert sha256(load(edit(old, new))) == sha256(every_kind)


@pytest.mark.parametrize(
    ("old", "new", "file"),
    [
        ("version: 2", "version: 3", "questionnaire.yaml"),
        ("Will you renew?", "Will you renew it?", "questionnaire.yaml"),
        ("label: Perhaps", "label: Maybe", "questionnaire.yaml"),
        (
            "visible_if: honest <= 3 or fast <= 3",
            "visible_if: honest <= 3 or fast < 4",
            "questionnaire.yaml",
        ),
        ("required: true", "required: false", "questionnaire.yaml"),
        ("seed-words", "seed-shares", "questionnaire.yaml"),
        ("Werden Sie verlängern?", "Verlängern Sie?", "de.yaml"),
    ],
)
def test_what_a_respondent_or_a_score_would_notice_changes_the_fingerprint(
    edit: Edit, every_kind: Questionnaire, old: str, new: str, file: str
) -> None:
    folder = edit(old, new, file)
    (folder / "golden.json").unlink()
    assert sha256(load(folder)) != sha256(every_kind)


def test_load_raises_all_problems_at_once(edit: Edit) -> None:
    edit("version: 2", "version: two")
    folder = edit("kind: date", "kind: day")
    with pytest.raises(QuestionnaireError, match="has 2 problems") as caught:
        load(folder)
    assert [problem.place.rpartition("/")[2] for problem in caught.value.problems] == [
        "questionnaire.yaml:2:10",
        "questionnaire.yaml:78:9",
    ]


@pytest.mark.parametrize("text", ["", "{}", '{"id": 1}', "not json"])
def test_a_stored_text_that_is_no_questionnaire_is_refused(text: str) -> None:
    with pytest.raises(QuestionnaireError, match="cannot be read by this version"):
        from_canonical_json(text)


def test_a_stored_tree_is_checked_like_everything_else(every_kind: Questionnaire) -> None:
    text = canonical_json(every_kind).replace('"node":"or"', '"node":"xor"')
    with pytest.raises(QuestionnaireError):
        from_canonical_json(text)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("NO", "NO"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("True", "True"),
        ("~", "~"),
        ("010", "010"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("2026-11-22", "2026-11-22"),
        ("1e3", "1e3"),
        (".5", ".5"),
        (".inf", ".inf"),
        ("'5'", "5"),
        ("'true'", "true"),
        ("true", True),
        ("false", False),
        ("null", None),
        ("", None),
        ("5", 5),
        ("-5", -5),
        ("1.10", 1.1),
        ("9" * 30, "9" * 30),
    ],
)
@pytest.mark.parametrize("loader", [yaml.SafeLoader, strict_yaml._LOADER])
def test_only_plain_words_and_numbers_are_converted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loader: type, written: str, value: object
) -> None:
    monkeypatch.setattr(strict_yaml, "_LOADER", loader)
    file = tmp_path / "a.yaml"
    file.write_text(f"key: {written}\n", encoding="utf-8")
    document = read(file)
    assert document.problems == []
    assert document.data == {"key": value}
    assert type(document.data["key"]) is type(value)


def test_both_parsers_of_yaml_see_the_same_places(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fast = read(folder / "questionnaire.yaml")
    monkeypatch.setattr(strict_yaml, "_LOADER", yaml.SafeLoader)
    slow = read(folder / "questionnaire.yaml")
    assert (slow.data, slow.values, slow.keys) == (fast.data, fast.values, fast.keys)


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.id)
def test_bundled_questionnaires_survive_storage(entry: object) -> None:
    q = entry.questionnaire  # type: ignore[attr-defined]  # pytest hands parameters as objects
    assert from_canonical_json(canonical_json(q)) == q
