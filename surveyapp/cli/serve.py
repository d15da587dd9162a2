"""``surveyapp serve``: pages and worker together, for one machine."""

import signal
import time
from types import FrameType
from urllib.parse import urlsplit

import click

from surveyapp.cli.application import create_application, require_ready_database
from surveyapp.cli.processes import Processes
from surveyapp.errors import Unavailable
from surveyapp.extensions import state

_LOOK_EVERY_SECONDS = 0.5


class _Stopped(Exception):
    """Somebody asked this command to end."""


@click.command("serve")
@click.option(
    "--bind", metavar="HOST:PORT", help="Where to listen. Default: the base URL's port on loopback."
)
@click.option("--workers", default=2, show_default=True, help="Processes that serve pages.")
def command(bind: str | None, workers: int) -> None:
    """Run the pages and one worker until Ctrl-C or SIGTERM; both end with this command."""
    with create_application().app_context():
        require_ready_database()
        settings = state().settings
    bind = bind or f"127.0.0.1:{urlsplit(settings.base_url).port or 8000}"
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    with Processes() as processes:
        try:
            processes.start("the web server", "pages", "--bind", bind, "--workers", str(workers))
            processes.start("the worker", "worker")
            click.echo(f"Pages: {settings.base_url} (listening on {bind})")
            click.echo(f"Mail:  {settings.outbox} (.eml files with live links)")
            click.echo("Ctrl-C ends both.")
            _watch(processes)
        except _Stopped:
            click.echo("Ending.")


def _watch(processes: Processes) -> None:
    while True:
        if ended := processes.ended():
            raise Unavailable(f"{ended[:1].upper()}{ended[1:]}; see its messages above.")
        time.sleep(_LOOK_EVERY_SECONDS)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise _Stopped
