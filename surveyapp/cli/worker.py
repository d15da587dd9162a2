"""``surveyapp worker``: carry out jobs. The one place of the command line that loads them."""

import os
import threading
import time
from types import ModuleType

import click

from surveyapp.cli.application import open_application, require_ready_database
from surveyapp.cli.processes import end_with, stopping_on_signals
from surveyapp.extensions import state

_POLL_SECONDS = 2.0
"""How long a job may wait when its wake-up was lost."""
_LOOK_SECONDS = 15.0
"""How long a list of questions may be missing after a launch, or after what it says changed."""


@click.command("worker")
@click.option("--once", is_flag=True, help="Carry out what is due, then end.")
@click.option(
    "--nice",
    type=click.IntRange(0, 19),
    default=0,
    show_default=True,
    help="How far pages and other programs of this host go first; 19 is last.",
)
@click.option("--parent", type=int, hidden=True, help="End when this process does.")
def command(*, once: bool, nice: int, parent: int | None) -> None:
    """Carry out jobs until Ctrl-C or SIGTERM: invitations, mail, scores, documents.

    A job that was begun is finished first. Killed in the middle, it is taken up again by the next
    worker once its lease is over. Any number of workers may run, on one host or many.
    """
    with stopping_on_signals() as stopping:
        end_with(parent)
        os.nice(nice)
        with open_application():
            require_ready_database()
            _jobs().settle()
            carry_out_due(stopping)
            looked_at = _look_for_what_is_missing(stopping)
            while not once and not stopping.is_set():
                state().queue.wait(_POLL_SECONDS)
                carry_out_due(stopping)
                if time.monotonic() - looked_at > _LOOK_SECONDS:
                    looked_at = _look_for_what_is_missing(stopping)


def carry_out_due(stopping: threading.Event | None = None) -> int:
    """Carry out every job that is due in this process; return how many."""
    worker = _jobs()
    count = 0
    while not (stopping and stopping.is_set()) and worker.tick():
        count += 1
    return count


def _look_for_what_is_missing(stopping: threading.Event) -> float:
    """Make what pages would offer and cannot ask for themselves; return when that was looked for.

    It comes last: nobody waits for it, as they do for mail.
    """
    if not stopping.is_set():
        _jobs().ask_for_question_lists()
        carry_out_due(stopping)
    return time.monotonic()


def _jobs() -> ModuleType:
    # the jobs load SciPy and WeasyPrint: two seconds and 200 MB that no other command should pay
    from surveyapp.jobs import worker  # noqa: PLC0415 as said above

    return worker
