"""``surveyapp worker``: carry out jobs. The one place of the command line that loads them."""

import math
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import click
import structlog

from surveyapp.cli.application import open_application, require_ready_database
from surveyapp.cli.processes import end_with, stopping_on_signals
from surveyapp.extensions import state

_POLL_SECONDS = 2.0
"""How long a job may wait when its wake-up was lost."""
_LOOK_SECONDS = 15.0
"""How long a list of questions may be missing after a launch, or after what it says changed."""
_MEGABYTE = 2**20
_log = structlog.get_logger()


@click.command("worker")
@click.option("--once", is_flag=True, help="Carry out what is due, then end.")
@click.option(
    "--nice",
    type=click.IntRange(0, 19),
    default=0,
    show_default=True,
    help="How far pages and other programs of this host go first; 19 is last.",
)
@click.option(
    "--may-grow",
    type=click.IntRange(min=8),
    default=256,
    show_default=True,
    help="Megabytes; having grown by more, it begins anew between two jobs.",
)
@click.option("--parent", type=int, hidden=True, help="End when this process does.")
def command(*, once: bool, nice: int, may_grow: int, parent: int | None) -> None:
    """Carry out jobs until Ctrl-C or SIGTERM: invitations, mail, scores, documents.

    A job that was begun is finished first. Killed in the middle, it is taken up again by the next
    worker once its lease is over. Any number of workers may run, on one host or many.
    """
    with stopping_on_signals() as stopping:
        end_with(parent)
        os.nice(max(0, nice - os.nice(0)))  # begun anew, it is as nice already
        with open_application():
            require_ready_database()
            _jobs().settle()
            # once: all that is due is done, however large
            most = math.inf if once else _resident() + may_grow * _MEGABYTE
            _carry_on(lambda: not stopping.is_set() and _resident() <= most, once=once)
        if not once and not stopping.is_set():
            # drawing leaves memory that Python knows nothing of: docs/performance/0015-soak.md
            _log.info("worker.begins_anew", megabytes=_resident() // _MEGABYTE)
            os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 no shell is wanted


def _carry_on(may_go_on: Callable[[], bool], *, once: bool) -> None:
    carry_out_due(may_go_on)
    looked_at = _look_for_what_is_missing(may_go_on)
    while not once and may_go_on():
        state().queue.wait(_POLL_SECONDS)
        carry_out_due(may_go_on)
        if time.monotonic() - looked_at > _LOOK_SECONDS:
            looked_at = _look_for_what_is_missing(may_go_on)


def carry_out_due(may_go_on: Callable[[], bool] = lambda: True) -> int:
    """Carry out every job that is due in this process; return how many."""
    worker = _jobs()
    count = 0
    while may_go_on() and worker.tick():
        count += 1
    return count


def _look_for_what_is_missing(may_go_on: Callable[[], bool]) -> float:
    """Make what pages would offer and cannot ask for themselves; return when that was looked for.

    It comes last: nobody waits for it, as they do for mail.
    """
    if may_go_on():
        _jobs().ask_for_question_lists()
        carry_out_due(may_go_on)
    return time.monotonic()


def _resident() -> int:
    """Return the bytes of memory this process holds; 0 where the system does not tell."""
    if not sys.platform.startswith("linux"):
        return 0
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _jobs() -> ModuleType:
    # the jobs load SciPy and WeasyPrint: two seconds and 200 MB that no other command should pay
    from surveyapp.jobs import worker  # noqa: PLC0415 as said above

    return worker
