"""What two runs differ in, where one of them has nothing to say."""

from flask import Flask

from surveyapp.extensions import reading, state
from surveyapp.services import results, run_differences
from tests.services.scored import closed_wave, score


def test_a_relationship_nobody_answered_about_is_counted_and_never_compared(app: Flask) -> None:
    wave_id = closed_wave({"Aldermere": [(2, 1, 2), (3, 2, 1)], "Brook": [(5, 5, 4)], "Cask": []})
    first, second = score(wave_id), score(wave_id)
    with reading() as session:
        runs = [results.run(session, each) for each in (first, second)]
        found = run_differences.between(session, state().store, *runs)
    assert (found.in_both, found.unmeasured, found.hidden) == (2, 1, 0)
