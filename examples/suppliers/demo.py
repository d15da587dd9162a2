"""Both sides of 73 relationships: real facts of vendors, simulated answers, scored as of 2014-06-30.

Run by ``make demo EXAMPLE=suppliers``. Everything is made in ``.demo-suppliers``; nothing else is touched.
"""

import secrets
import sys
import time

from examples.stage import Stage
from examples.suppliers import history, people, vendors
from examples.suppliers.history import PROGRAMME, ROUNDS, Told
from examples.telling import bar, chapter, make_documents, run, say_where, serve_on
from surveyapp.app import create_app
from surveyapp.extensions import db
from surveyapp.queueing.inline import InlineQueue
from surveyapp.settings import Settings

OWNER = "owner@scms.example"
AT_RISK, WARMEST = 3, 2
"""Scorecards made: of the relationships most at risk, and of the warmest."""


def main() -> int:
    """Play the demo; return the exit code."""
    return run(_demo, about=__doc__, folder=".demo-suppliers")


def _demo(stage: Stage, serves_on: bool) -> None:  # noqa: FBT001 as ``run`` calls it
    started = time.monotonic()
    password = secrets.token_urlsafe(12)
    with chapter(stage, "Setting up"):
        stage.command("database", "upgrade")
    with chapter(stage, "Two years of facts, two rounds of three waves"):
        _tell(stage, _play(stage))
    with chapter(stage, "Somebody to look at it"):
        stage.command(
            *("users", "create", OWNER, "--name", "Maren Holt", "--programme", PROGRAMME),
            "--password-stdin",
            typed=f"{password}\n",
        )
    with stage.serving():
        with chapter(stage, "Scoring"):
            for each in ROUNDS:
                stage.command("waves", "score", PROGRAMME, each.slug, "--wait")
        with chapter(stage, "Making the portfolio report and scorecards"):
            last = ROUNDS[-1].slug
            make_documents(stage, PROGRAMME, last, at_risk=AT_RISK, warmest=WARMEST)
        seconds = time.monotonic() - started
        stage.console.print(f"\n{seconds:.0f} seconds in all.", style="bold")
        say_where(
            stage,
            {
                "Documents": stage.folder / "results",
                "Mail": stage.outbox,
                "Files imported": stage.folder / "imports",
                "Messages": stage.folder / "serve.log",
            },
        )
        if serves_on:
            serve_on(stage, email=OWNER, password=password)


def _play(stage: Stage) -> Told:
    app = create_app(Settings.from_env(stage.environ), queue=InlineQueue())
    known = vendors.read()
    with app.app_context(), bar(stage, "people", 1) as (shown, task):

        def progress(wave: str, done: int, of: int) -> None:
            shown.update(task, description=f"  {wave}", completed=done, total=of)

        told = history.play(known, people.parts(known), stage.folder / "imports", progress)
        db.engine.dispose()
    return told


def _tell(stage: Stage, told: Told) -> None:
    lines = [
        f"{told.values} facts of 73 vendors; {told.current} have current ones on {history.ON}."
    ]
    lines += [
        f"{each.name}: {each.answered} of {each.asked} questionnaires answered"
        f" about {each.relationships} relationships."
        for each in told.waves
    ]
    for line in lines:
        stage.console.print(f"  {line}", highlight=False, soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
