"""``surveyapp references`` and ``scores try``, ``approve``, ``rules``, ``diff`` on a scored wave."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from surveyapp.app import create_app
from surveyapp.clock import utcnow
from surveyapp.extensions import db, transaction
from surveyapp.models.results import ScoreRun
from surveyapp.queueing.inline import InlineQueue
from surveyapp.reports import packs
from surveyapp.services import programmes, results, scorecards, waves
from surveyapp.settings import Settings
from tests.cli.conftest import Run
from tests.services.references import given
from tests.web.results_world import COLD, WARM, survey, work


@pytest.fixture
def scored(ready: Run, home: Path) -> Iterator[Flask]:
    """A scored wave of four relationships on the commands' own home."""
    app = create_app(Settings.from_env({"SURVEYAPP_HOME": str(home)}), queue=InlineQueue())
    survey(app, [COLD, 3, 4, WARM])
    yield app
    with app.app_context():
        db.engine.dispose()


def release_portfolio(app: Flask) -> None:
    with app.app_context():
        with transaction() as session:
            programme = programmes.find(session, "kestrin")
            run = results.latest_run(session, waves.find(session, programme, "autumn"))
            scorecards.request(
                session, run, None, pack=packs.find("portfolio"), locale="en", by="test",
                at=utcnow(),
            )  # fmt: skip
        work()


def score_again(app: Flask) -> list[str]:
    with app.app_context():
        with transaction() as session:
            programme = programmes.find(session, "kestrin")
            wave = waves.find(session, programme, "autumn")
            waves.request_scores(session, wave, by="test", at=utcnow())
        work()
        runs = db.session.scalars(select(ScoreRun).order_by(ScoreRun.number))
        return [str(run.id) for run in runs]


def test_other_weights_are_tried_approved_and_seen_in_the_next_run(
    ready: Run, scored: Flask
) -> None:
    trial = ["--weight", "attitude=20", "--weight", "intent=80", "--cut-name", "ours"]
    trial += ["--cuts=-0.5,0.5,1.5", "--here"]
    as_before = ["--weight", "attitude=60", "--weight", "intent=40"]
    idle = ready("scores", "try", "kestrin", "autumn", *as_before, exit_code=2)
    assert "Change one of them." in idle.output
    refused = ready("scores", "try", "kestrin", "autumn", *trial, exit_code=2)
    assert "portfolio report of Autumn" in refused.output
    release_portfolio(scored)
    told = ready("scores", "try", "kestrin", "autumn", *trial).output
    assert re.search(r"Of 4 relationships \d would have another call", told)
    assert "Attitude 24, Intent 76: " in told
    proposal = told.split()[1]
    ready("scores", "approve", proposal, "--reason", "no", exit_code=2)
    said = ready("scores", "approve", proposal, "--reason", "Agreed by the steering board.")
    assert "Rule 1 of annual-customer-survey is in force" in said.output
    listed = ready("scores", "rules", "kestrin").output
    assert "attitude 20, intent 80\tours 1" in listed
    assert "cut set seed-shares 1\t-1.282, -0.412, 0.842" in listed
    assert "cut set ours 1\t-0.500, 0.500, 1.500" in listed
    first, second = score_again(scored)
    found = ready("scores", "diff", first, second).output
    assert "weights: attitude 60, intent 40 -> attitude 20, intent 80" in found
    assert "cut set: seed-shares 1 (-1.282, -0.412, 0.842) -> ours 1" in found
    assert "of 4 relationships measured in both" in found
    assert re.search(r"\d differ: \d in their call", found)
    same = ready("scores", "diff", first, first).output
    assert "  the same\n" in same
    assert "0 differ" in same


@pytest.mark.parametrize(
    ("trial", "told"),
    [
        (["--weight", "attitude"], "DIMENSION=SHARE"),
        (["--weight", "attitude=60", "--weight", "attitude=40"], "attitude has two weights"),
        ([], "what should be otherwise?"),
        (["--weight", "attitude=1", "--cuts", "-1,0,1"], "--cuts and --cut-name together"),
        (["--cut-set", "seed-words 1", "--cuts", "-1,0,1", "--cut-name", "ours"], "Name a --cut-"),
        (["--weight", "attitude=1", "--cuts", "a,b,c"], "Write three numbers"),
    ],
)
def test_what_is_typed_wrong_is_named(ready: Run, trial: list[str], told: str) -> None:
    assert told in ready("scores", "try", "kestrin", "autumn", *trial, exit_code=2).output


def test_a_reference_set_goes_in_is_shown_and_retires(
    ready: Run, scored: Flask, tmp_path: Path
) -> None:
    assert "read against assumed-1" in ready("references", "list", "kestrin").output
    path = tmp_path / "industry.json"
    path.write_text(json.dumps(given()), encoding="utf-8")
    assert "industry-2026 is frozen" in ready("references", "import", "kestrin", str(path)).output
    again = ready("references", "import", "kestrin", str(path), exit_code=2)
    assert "industry.json: name: There is a set industry-2026" in again.output
    ready("references", "import", "kestrin", str(tmp_path / "none.json"), exit_code=2)
    listed = ready("references", "list", "kestrin").output
    assert "412 relationships, tells tails\tfrozen 2026-05-31\tin force" in listed
    shown = ready("references", "show", "kestrin", "industry-2026").output
    assert "attitude\tmean 66.0\tspread 10.0\tbetween people 17.3\treliability 0.58" in shown
    first, second = score_again(scored)
    diff = ready("scores", "diff", first, second).output
    assert "reference set of buyer-on-supplier: assumed-1 -> industry-2026" in diff
    assert "is retired" in ready("references", "retire", "kestrin", "industry-2026").output
    ready("references", "retire", "kestrin", "industry-2026", exit_code=2)
    assert "retired" in ready("references", "list", "kestrin").output
