"""How an example is run, and what it tells: chapters, bars, documents, where everything is."""

import argparse
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from examples.stage import ROOT, CannotPlay, Stage, fresh_folder


def run(play: Callable[[Stage, bool], None], *, about: str | None, folder: str = ".demo") -> int:
    """Play an example in an emptied folder of the checkout; return the exit code.

    ``play`` is handed the stage, and whether to serve the results at the end.
    """
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument(
        "--no-serve", dest="serve", action="store_false", help="end instead of serving the results"
    )
    arguments = parser.parse_args()
    console = Console()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with fresh_folder(ROOT / folder) as fresh:
            play(Stage(fresh, console), arguments.serve)
    except CannotPlay as error:
        console.print(f"The demo stopped: {error}", style="bold red", markup=False)
        return 1
    except KeyboardInterrupt:
        console.print("Ended.")
    return 0


@contextmanager
def chapter(stage: Stage, title: str) -> Iterator[None]:
    """Head a part of the play, and say how long it took."""
    stage.console.rule(title, align="left")
    started = time.monotonic()
    yield
    stage.console.print(f"  {time.monotonic() - started:.1f} s", style="dim", highlight=False)


@contextmanager
def bar(stage: Stage, what: str, total: int) -> Iterator[tuple[Progress, TaskID]]:
    """Show how far something long is."""
    columns = (TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=stage.console) as shown:
        yield shown, shown.add_task(what, total=total)


def make_documents(stage: Stage, programme: str, wave: str, *, at_risk: int, warmest: int) -> None:
    """Make the portfolio report of a wave and some scorecards.

    Raises
    ------
    CannotPlay
        Other documents came out than were asked for.
    """
    stage.command(
        *("waves", "report", programme, wave, "--at-risk", str(at_risk), "--warmest", str(warmest)),
        *("--output", str((stage.folder / "results").relative_to(ROOT)), "--wait"),
    )
    found, wanted = len(list((stage.folder / "results").glob("*.pdf"))), at_risk + warmest + 1
    if found != wanted:
        raise CannotPlay(f"There are {found} documents instead of {wanted}.")


def say_where(stage: Stage, places: Mapping[str, Path]) -> None:
    """Say where the files are."""
    for what, place in places.items():
        stage.console.print(f"{what + ':':<15} {place.relative_to(ROOT)}", highlight=False)


def serve_on(stage: Stage, *, email: str, password: str) -> None:
    """Say how to sign in, and wait until somebody ends it."""
    stage.console.print("\nSign in with a browser (Ctrl-C ends):", style="bold")
    for what, value in (
        ("Address", f"{stage.base_url}/sign-in"),
        ("E-mail", email),
        ("Password", password),
    ):
        stage.console.print(f"  {what + ':':<10} {value}", highlight=False, soft_wrap=True)
    signal.pause()
