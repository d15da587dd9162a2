"""``surveyapp pages``: the pages alone, served by gunicorn."""

import ctypes
import gc
import sys
from typing import Final

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

from surveyapp.cli.application import (
    create_application,
    open_application,
    require_ready_database,
)
from surveyapp.cli.binding import checked_binding
from surveyapp.cli.processes import end_with

_OPTIONS = {
    "threads": 4,
    # an SQLite write may wait its turn behind another; the page must not be killed meanwhile
    "timeout": 60,
    "graceful_timeout": 15,
    "control_socket_disable": True,
    "loglevel": "warning",
}
_SWITCH_SECONDS: Final = 0.0005
"""How long a thread that computes may keep others from going on: each statement to the database lets go of
the interpreter, and with Python's 5 ms a page that writes would wait that long after every one of its ten."""

_M_ARENA_MAX: Final = -8
"""The number of this option in glibc's malloc.h."""


def share_one_heap() -> None:
    """Let all threads of a process allocate from one heap: what one has freed, another can use.

    Each with its own, as glibc has it, they keep 6 to 9 MB for nothing. Other C libraries know no such option.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """Gunicorn without its own command line and configuration files."""

    def __init__(self, bind: str, workers: int) -> None:
        self._options = {**_OPTIONS, "bind": bind, "workers": workers}
        super().__init__()

    def load_config(self) -> None:
        """Hand the options to gunicorn."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Build the application, in each process anew."""
        sys.setswitchinterval(_SWITCH_SECONDS)
        return create_application()


@click.command("pages")
@click.option(
    "--bind",
    default="127.0.0.1:8000",
    show_default=True,
    metavar="HOST:PORT",
    callback=checked_binding,
)
@click.option(
    "--workers", default=2, show_default=True, type=click.IntRange(min=1), help="Processes."
)
@click.option("--parent", type=int, hidden=True, help="End when this process does.")
def command(bind: str, workers: int, parent: int | None) -> None:
    """Serve the pages; a worker must run beside it, here or on another host."""
    end_with(parent)
    share_one_heap()
    with open_application():
        require_ready_database()
    # what is imported by now is shared by all processes: the garbage collector, which writes into what
    # it looks at, must not make copies of it (30 MB each)
    gc.freeze()
    _Server(bind, workers).run()
