"""Reference sets: imported with strict checks, listed, retired, and said beside every score."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from surveyapp.errors import Conflict, ImportRefused
from surveyapp.extensions import reading, state, transaction
from surveyapp.models.audit import AuditEvent
from surveyapp.models.programmes import Programme
from surveyapp.models.results import ReferenceSet
from surveyapp.services import reference_files, reference_sets, results, run_files
from tests.factories import AT
from tests.services.references import DIMENSIONS, given
from tests.services.rounds import Round, Row, make_round, score
from tests.services.test_one_posterior import BUYERS, rows_of

YEAR = timedelta(days=365)


def import_(world: Round, content: dict[str, Any]) -> None:
    with transaction() as session:
        programme = session.get_one(Programme, world.programme_id)
        reference_sets.import_set(
            session, programme, json.dumps(content), place="set.json", by="test", at=AT
        )


@pytest.fixture
def world(app: Flask) -> Round:
    made = make_round(BUYERS[:6])
    made.asked("first", rows_of(BUYERS[:6]), at=AT)
    return made


def test_an_imported_set_is_what_the_next_run_is_read_against_until_it_is_retired(
    world: Round,
) -> None:
    import_(world, given())
    answers: dict[str, list[Row]] = rows_of(BUYERS[:6])
    second = world.asked("second", answers, at=AT + YEAR)
    run_id = score(second)
    with reading() as session:
        run = results.run(session, run_id)
        assert (run.reference_set, run.is_assumed) == ("industry-2026", False)
        method = results.frame(run, locale="en_GB").method
        seq = run_files.load(state().store, run).contrasts["seq"]
    assert method.reference_sentence == (
        "50 is the mean of the imported reference set industry-2026: 412 relationships,"
        " Association of suppliers, as of 31 May 2026."
    )
    assert (seq.reference_mean, seq.reference_groups) == (pytest.approx(66.0), 412)
    with transaction() as session:
        programme = session.get_one(Programme, world.programme_id)
        [line] = reference_sets.lines(session, programme)
        assert (line.is_in_force, line.tells) == (True, "tails")
        reference_sets.retire(session, line.reference, by="test", at=AT)
        with pytest.raises(Conflict, match="retired already"):
            reference_sets.retire(session, line.reference, by="test", at=AT)
    again = score(second, at=AT + YEAR)
    with reading() as session:
        run = results.run(session, again)
        assert (run.number, run.reference_set) == (2, "assumed-1")
        assert results.run(session, run_id).reference_set == "industry-2026", "history stays"
        told = results.frame(run, locale="en_GB").method.reference_sentence
        actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.number)).all()
    assert told == "50 is the mean of the reference set assumed-1: assumed, not estimated."
    assert [each for each in actions if each.startswith("reference-set")] == [
        "reference-set.imported",
        "reference-set.retired",
    ]


def test_an_own_set_that_was_retired_is_not_frozen_again_and_the_next_wave_freezes_its_own(
    app: Flask,
) -> None:
    world = make_round(BUYERS)
    first_wave = world.asked("first", rows_of(BUYERS), at=AT)
    first = score(first_wave)
    with reading() as session:
        sentence = results.frame(results.run(session, first), locale="en_GB").method
    assert sentence.reference_sentence.startswith(
        "50 is the mean of your own 34 relationships of First, frozen on "
    )
    assert sentence.reference_sentence.endswith("the level mix of that wave is not a finding.")
    with transaction() as session:
        [frozen] = session.scalars(select(ReferenceSet)).all()
        reference_sets.retire(session, frozen, by="test", at=AT)
    again = score(first_wave, at=AT + YEAR)
    second = score(world.asked("second", rows_of(BUYERS), at=AT + YEAR))
    with reading() as session:
        runs = [results.run(session, each).reference_set for each in (first, again, second)]
        names = session.scalars(select(ReferenceSet.name).order_by(ReferenceSet.name)).all()
    assert runs == ["own-first", "assumed-1", "own-second"]
    assert names == ["own-first", "own-second"]


def bent(matrix: list[list[float]]) -> list[list[float]]:
    return [[matrix[0][0], 5.0, *matrix[0][2:]], *matrix[1:]]


@pytest.mark.parametrize(
    ("change", "place", "remedy"),
    [
        (lambda g: g | {"relationships": 29}, "relationships", "needs 30 relationships or more"),
        (lambda g: g | {"relationships": 10**30}, "relationships", "There are not so many"),
        (lambda g: g | {"name": "own-2026"}, "name", "Choose another"),
        (lambda g: g | {"name": "Industry 2026"}, "name", "small letters"),
        (lambda g: g | {"view": "everybody"}, "view", "buyer-on-supplier, supplier-on-buyer"),
        (lambda g: g | {"on": "last May"}, "on", "2026-05-31"),
        (lambda g: g | {"answers_each": 0}, "answers_each", "1 or more"),
        (lambda g: g | {"mean": [66.0] * 7}, "mean", "List 8 means"),
        (lambda g: g | {"mean": [float("nan")] * 8}, "mean", "List 8 means"),
        (lambda g: g | {"mean": [10**400] * 8}, "mean", "List 8 means"),
        (lambda g: g | {"between": bent(g["between"])}, "between", "above and below"),
        (lambda g: g | {"between": [[-1.0] * 8] * 8}, "between", "more than 0"),
        (
            lambda g: g | {"between": [[100.0 if r == c else -60.0 for c in range(8)] for r in range(8)]},
            "between",
            "not positive semidefinite",
        ),
        (lambda g: g | {"within": [[1.0]]}, "within", "8 rows with 8 numbers"),
        (lambda g: g | {"dimensions": ["attitude"] * 8}, "dimensions", "each once"),
        (lambda g: g | {"colour": "blue"}, "colour", "Unknown"),
        (lambda g: {k: v for k, v in g.items() if k != "source"}, "source", "missing"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_said_with_its_place(
    change: Callable[[dict[str, Any]], dict[str, Any]], place: str, remedy: str
) -> None:
    found, [problem] = reference_files.read(json.dumps(change(given())), "set.json")
    assert found is None
    assert problem.place == f"set.json: {place}"
    assert remedy in problem.message


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name: [", "set.json:1:8: This is neither YAML nor JSON"),
        ('{"name": 1,}', "set.json:1:12: This is neither YAML nor JSON"),
        ("- a\n- b\n", "set.json: Write a mapping"),
        ("name: a\nname: b\n", "set.json: The key name stands twice. Leave one."),
        ('{"name": "a", "name": "b"}', "set.json: The key name stands twice. Leave one."),
        ("x: " + "9" * 5000, "set.json: This is neither YAML nor JSON"),
        ("x" * 300_000, "set.json: The file is larger"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(text: str, told: str) -> None:
    found, [problem] = reference_files.read(text, "set.json")
    assert found is None
    assert str(problem).startswith(told)


def test_a_set_is_never_edited_so_its_name_is_taken_for_good(world: Round) -> None:
    import_(world, given())
    with pytest.raises(ImportRefused) as refused:
        import_(world, given(relationships=500))
    assert "no set is ever edited" in refused.value.problems[0].message
    with pytest.raises(ImportRefused) as refused:
        import_(world, given(name="other", dimensions=[*DIMENSIONS[:-1], "price"]))
    assert "it lacks terms_conditions_prices" in refused.value.problems[0].message
    import_(world, given(name="industry-2027"))
    with reading() as session:
        programme = session.get_one(Programme, world.programme_id)
        found = reference_sets.find(session, programme, "industry-2026")
        assert [each.relationships for each in found] == [412]
