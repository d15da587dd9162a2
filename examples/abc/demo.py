"""The main job on real answers: 266 customers are asked by mail, answer on the web, and are scored.

Run by ``make demo``. Everything is made in ``.demo``; nothing else is touched.
"""

import argparse
import secrets
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import answers
import sheets
from answers import Customer
from respondents import Stuck, play, read_links
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from stage import ROOT, CannotPlay, Stage, fresh_folder

PROGRAMME, WAVE = "abc", "annual"
OWNER = "owner@abc.example"
AT_ONCE = 6
"""Customers who answer at the same moment."""
AT_RISK, WARMEST = 8, 4
"""Scorecards made: of the relationships most at risk, and of the warmest."""
_MAIL_SECONDS = 60.0


def main() -> int:
    """Play the demo; return the exit code."""
    arguments = _arguments()
    console = Console()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with fresh_folder(ROOT / ".demo") as folder:
            _demo(Stage(folder, console), serves_on=arguments.serve)
    except (CannotPlay, Stuck) as error:
        console.print(f"The demo stopped: {error}", style="bold red", markup=False)
        return 1
    except KeyboardInterrupt:
        console.print("Ended.")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--no-serve", dest="serve", action="store_false", help="end instead of serving the results"
    )
    return parser.parse_args()


def _demo(stage: Stage, *, serves_on: bool) -> None:
    started = time.monotonic()
    customers = answers.read()
    answering = [customer for customer in customers if customer.ratings]
    sheets.write(customers, stage.folder / "accounts")
    password = secrets.token_urlsafe(12)
    with _chapter(stage, "Setting up"):
        _set_up(stage, password)
    with stage.serving():
        with _chapter(stage, "Launching the wave"):
            stage.command("waves", "launch", PROGRAMME, WAVE, "--wait")
            _wait_for_mail(stage, len(customers))
        with _chapter(stage, f"{len(answering)} customers answer through the pages"):
            _play(stage, answering)
        with _chapter(stage, "Closing, scoring"):
            stage.command("waves", "close", PROGRAMME, WAVE, "--wait")
        with _chapter(stage, "Making the portfolio report and scorecards"):
            _report(stage)
        seconds = time.monotonic() - started
        silent = len(customers) - len(answering)
        stage.console.print(
            f"\n{len(answering)} answered, {silent} silent, {seconds:.0f} seconds in all.",
            style="bold",
        )
        _say_where(stage)
        if serves_on:
            _serve_on(stage, password)


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
    with _bar(stage, "mail", count) as (bar, task):
        while (sent := len(list(stage.outbox.glob("*.eml")))) < count:
            if time.monotonic() > until:
                raise CannotPlay(f"After a minute {sent} of {count} mails are written.")
            bar.update(task, completed=sent)
            time.sleep(0.1)
        bar.update(task, completed=sent)


def _play(stage: Stage, customers: list[Customer]) -> None:
    links = read_links(stage.outbox)
    with _bar(stage, "answers", len(customers)) as (bar, task):
        play(customers, links, at_once=AT_ONCE, done=lambda: bar.advance(task))


def _report(stage: Stage) -> None:
    stage.command(
        *("waves", "report", PROGRAMME, WAVE, "--at-risk", str(AT_RISK), "--warmest", str(WARMEST)),
        *("--output", str((stage.folder / "results").relative_to(ROOT)), "--wait"),
    )
    found = sorted((stage.folder / "results").glob("*.pdf"))
    if len(found) != AT_RISK + WARMEST + 1:
        raise CannotPlay(f"There are {len(found)} documents instead of {AT_RISK + WARMEST + 1}.")


def _say_where(stage: Stage) -> None:
    places = {
        "Documents": stage.folder / "results",
        "Mail": stage.outbox,
        "Account sheets": stage.folder / "accounts",
        "Messages": stage.folder / "serve.log",
    }
    for what, place in places.items():
        stage.console.print(f"{what + ':':<15} {place.relative_to(ROOT)}", highlight=False)


def _serve_on(stage: Stage, password: str) -> None:
    stage.console.print("\nSign in with a browser (Ctrl-C ends):", style="bold")
    for what, value in (
        ("Address", f"{stage.base_url}/sign-in"),
        ("E-mail", OWNER),
        ("Password", password),
    ):
        stage.console.print(f"  {what + ':':<10} {value}", highlight=False, soft_wrap=True)
    signal.pause()


@contextmanager
def _chapter(stage: Stage, title: str) -> Iterator[None]:
    stage.console.rule(title, align="left")
    started = time.monotonic()
    yield
    stage.console.print(f"  {time.monotonic() - started:.1f} s", style="dim", highlight=False)


@contextmanager
def _bar(stage: Stage, what: str, total: int) -> Iterator[tuple[Progress, TaskID]]:
    columns = (TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=stage.console) as bar:
        yield bar, bar.add_task(what, total=total)


if __name__ == "__main__":
    sys.exit(main())
