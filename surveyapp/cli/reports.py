"""``surveyapp reports``: look at report packs, no database needed."""

from dataclasses import replace
from pathlib import Path

import click
from babel import Locale, UnknownLocaleError

from surveyapp.errors import Invalid
from surveyapp.reports import html, packs, pdf, seal
from surveyapp.reports.packs import Pack
from surveyapp.reports.signing import SigningKey
from surveyapp.settings import Settings


@click.group("reports")
def command() -> None:
    """Look at report packs and draw them."""


@command.command("list")
def list_() -> None:
    """List the packs that ship with surveyapp: name, context, languages, title."""
    for pack in packs.bundled():
        report = pack.report
        click.echo(f"{pack.name}\t{report.context}\t{' '.join(report.locales)}\t{report.title}")


@command.command("key")
def key() -> None:
    """Print the fingerprint of the key this installation signs with, to be published.

    Readers give it to: surveyapp verify --key
    """
    settings = Settings.from_env()
    signer = SigningKey(settings.signing_key, signed_by=settings.signed_by)
    click.echo(f"{seal.fingerprint(signer.public_key)}\t{signer.signed_by}")


@command.command("render")
@click.argument("pack", metavar="NAME|FOLDER")
@click.option("--sample", is_flag=True, help="Draw fictional data: needed, there is no other yet.")
@click.option("--locale", default="en_GB", show_default=True, help="Language, such as de.")
@click.option(
    "--paper", type=click.Choice(["a4", "letter"]), default="a4", show_default=True, help="Sheet."
)
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="File; PACK.pdf without it."
)
def render(pack: str, *, sample: bool, locale: str, paper: html.Sheet, output: Path | None) -> None:
    """Draw a pack as PDF, so that a designer sees it without any data.

    A FOLDER is somebody's own pack: its template runs apart, with limits of time and memory.
    """
    if not sample:
        raise click.UsageError(
            "Say --sample. Documents of a wave come from: surveyapp waves report."
        )
    found = _find(pack)
    context = replace(found.sample(), locale=_spelled(locale))
    content = pdf.write(html.render(found, context, sheet=paper), found)
    target = output or Path(f"{found.name}.pdf")
    try:
        target.write_bytes(content)
    except OSError as error:
        raise Invalid(f"{target} cannot be written: {error.strerror}.") from error
    click.echo(f"{target}: {len(content) / 1000:.0f} KB")


def _find(pack: str) -> Pack:
    """A pack by its folder when there is one, else by its name."""
    return packs.at(Path(pack)) if Path(pack).is_dir() else packs.find(pack)


def _spelled(locale: str) -> str:
    try:
        known = Locale.parse(locale.replace("-", "_"))
    except (UnknownLocaleError, ValueError) as error:
        raise Invalid(f"{locale!r} is no language. Write it such as en or de_CH.") from error
    return "en_GB" if str(known) == "en" else str(known)
