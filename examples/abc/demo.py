"""The main job on real answers: 266 customers are asked by mail, answer on the web, and are scored.

Run by ``make demo``. Everything is made in ``.demo``; nothing else is touched.
"""

import secrets
import sys
import time
from datetime import UTC, datetime, timedelta

from examples.abc import answers, sheets
from examples.abc.answers import Customer
from examples.abc.respondents import play
from examples.outbox import read_links
from examples.stage import ROOT, CannotPlay, Stage
from examples.telling import bar, chapter, make_documents, run, say_where, serve_on

PROGRAMME, WAVE = "abc", "annual"
OWNER = "owner@abc.example"
AT_ONCE = 6
"""Customers who answer at the same moment."""
AT_RISK, WARMEST = 8, 4
"""Scorecards made: of the relationships most at risk, and of the warmest."""
_MAIL_SECONDS = 60.0


def main() -> int:
    """Play the demo; return the exit code."""
    return run(_demo, about=__doc__)


def _demo(stage: Stage, serves_on: bool) -> None:  # noqa: FBT001 as ``run`` calls it
    started = time.monotonic()
    customers = answers.read()
    answering = [customer for customer in customers if customer.ratings]
    sheets.write(customers, stage.folder / "accounts")
    password = secrets.token_urlsafe(12)
    with chapter(stage, "Setting up"):
        _set_up(stage, password)
    with stage.serving():
        with chapter(stage, "Launching the wave"):
            stage.command("waves", "launch", PROGRAMME, WAVE, "--wait")
            _wait_for_mail(stage, len(customers))
        with chapter(stage, f"{len(answering)} customers answer through the pages"):
            _play(stage, answering)
        with chapter(stage, "Closing, scoring"):
            stage.command("waves", "close", PROGRAMME, WAVE, "--wait")
        with chapter(stage, "Making the portfolio report and scorecards"):
            make_documents(stage, PROGRAMME, WAVE, at_risk=AT_RISK, warmest=WARMEST)
        seconds = time.monotonic() - started
        silent = len(customers) - len(answering)
        stage.console.print(
            f"\n{len(answering)} answered, {silent} silent, {seconds:.0f} seconds in all.",
            style="bold",
        )
        say_where(
            stage,
            {
                "Documents": stage.folder / "results",
                "Mail": stage.outbox,
                "Account sheets": stage.folder / "accounts",
                "Messages": stage.folder / "serve.log",
            },
        )
        if serves_on:
            serve_on(stage, email=OWNER, password=password)


def _set_up(stage: Stage, password: str) -> None:
    accounts = str((stage.folder / "accounts").relative_to(ROOT))
    closes = (datetime.now(UTC) + timedelta(days=14)).date().isoformat()
    note = "Real answers, numbers for names"
    stage.command("database", "upgrade")
    stage.command(
        "programmes",
        "create",
        PROGRAMME,
        "--name",
        "ABC annual survey",
        "--owner",
        "ABC",
        "--data-note",
        note,
    )
    stage.command(
        *("users", "create", OWNER, "--name", "Maren Holt", "--programme", PROGRAMME),
        "--password-stdin",
        typed=f"{password}\n",
    )
    stage.command("accounts", "import", PROGRAMME, accounts, "--dry-run")
    stage.command("accounts", "import", PROGRAMME, accounts)
    stage.command(
        *("waves", "create", PROGRAMME, WAVE, "--name", "Annual survey"),
        *("--questionnaire", "annual-customer-survey", "--closes", closes),
    )


def _wait_for_mail(stage: Stage, count: int) -> None:
    until = time.monotonic() + _MAIL_SECONDS
    with bar(stage, "mail", count) as (shown, task):
        while (sent := len(list(stage.outbox.glob("*.eml")))) < count:
            if time.monotonic() > until:
                raise CannotPlay(f"After a minute {sent} of {count} mails are written.")
            shown.update(task, completed=sent)
            time.sleep(0.1)
        shown.update(task, completed=sent)


def _play(stage: Stage, customers: list[Customer]) -> None:
    links = read_links(stage.outbox.glob("*.eml"))
    with bar(stage, "answers", len(customers)) as (shown, task):
        play(customers, links, at_once=AT_ONCE, done=lambda: shown.advance(task))


if __name__ == "__main__":
    sys.exit(main())
