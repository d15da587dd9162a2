"""``surveyapp serve``: pages and worker together, for one machine."""

from urllib.parse import urlsplit

import click

from surveyapp.cli.application import open_application, require_ready_database
from surveyapp.cli.binding import checked_binding
from surveyapp.cli.processes import Processes, end_with, stopping_on_signals
from surveyapp.extensions import state

_LOOK_EVERY_SECONDS = 0.5


@click.command("serve")
@click.option(
    "--bind",
    metavar="HOST:PORT",
    callback=checked_binding,
    help="Where to listen. Default: the base URL's port on loopback.",
)
@click.option(
    "--workers",
    default=2,
    show_default=True,
    type=click.IntRange(min=1),
    help="Processes that serve pages.",
)
@click.option("--parent", type=int, hidden=True, help="End when this process does.")
def command(bind: str | None, workers: int, parent: int | None) -> None:
    """Run the pages and one worker until Ctrl-C or SIGTERM; both end with this command.

    One that dies is started again; one that cannot start ends the other.
    """
    with stopping_on_signals() as stopping:
        end_with(parent)
        with open_application():
            require_ready_database()
            settings = state().settings
        bind = bind or f"127.0.0.1:{urlsplit(settings.base_url).port or 8000}"
        with Processes() as processes:
            processes.start("the web server", "pages", "--bind", bind, "--workers", str(workers))
            processes.start("the worker", "worker")
            click.echo(f"Pages: {settings.base_url} (listening on {bind})")
            click.echo(f"Mail:  {settings.outbox} (.eml files with live links)")
            click.echo("Ctrl-C ends both.")
            while not stopping.wait(_LOOK_EVERY_SECONDS):
                if revived := processes.revive():
                    click.echo(revived, err=True)
        click.echo("Ended.")
