"""``surveyapp verify``: check a document that somebody hands in; no database needed."""

import re
from pathlib import Path

import click

from surveyapp.errors import Invalid
from surveyapp.reports import pdf
from surveyapp.reports.signing import is_signed
from surveyapp.services import verification
from surveyapp.services.verification import Verdict

_LARGEST = 50_000_000
"""Bytes; a scorecard has some hundred thousand."""
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


@click.command("verify")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--key",
    default="",
    metavar="FINGERPRINT",
    help="Of the key it must be signed with, as its issuer published it; spaces do not matter.",
)
def command(file: Path, *, key: str) -> None:
    """Check a PDF of surveyapp: signature, every printed number, every page.

    Ends with 0 when all of it was checked and holds, with 1 when something does not or could not be
    checked, with 2 when FILE is no signed document of surveyapp.
    """
    verdict = verification.verify(
        _content(file), write_pdf=pdf.write, is_signed=is_signed, expected_key=_fingerprint(key)
    )
    _tell(verdict, has_expected_key=bool(key))
    if not verdict.is_sound:
        raise SystemExit(1)


def _content(file: Path) -> bytes:
    try:
        if file.stat().st_size > _LARGEST:
            raise Invalid(f"{file} is larger than any document of surveyapp.")
        return file.read_bytes()
    except OSError as error:
        raise Invalid(f"{file} cannot be read: {error.strerror}.") from error


def _fingerprint(key: str) -> str:
    plain = "".join(key.split()).lower()
    if plain and not _FINGERPRINT.fullmatch(plain):
        raise Invalid(
            "--key needs the whole fingerprint, 64 hex digits. It is printed on the last page, and by:"
            " surveyapp reports key"
        )
    return plain


def _tell(verdict: Verdict, *, has_expected_key: bool) -> None:
    click.echo(verdict.title)
    for finding in verdict.findings:
        click.echo(f"  {finding.result:<12} {finding.about}: {finding.told}")
        for sentence in finding.details:
            click.echo(f"  {'':<12}   {sentence}")
    if verdict.fingerprint:
        click.echo(f"Key: {_in_groups(verdict.fingerprint)}")
    if verdict.fingerprint and not has_expected_key:
        click.echo(
            "Whose key that is, the file cannot prove: compare it with the one you know (--key)."
        )
    if verdict.stated:
        click.echo(f"Stated, not computed: {', '.join(verdict.stated)}.")
    click.echo(_conclusion(verdict))


def _conclusion(verdict: Verdict) -> str:
    if verdict.is_sound:
        return "All of it holds."
    if verdict.is_wrong:
        return "Do not rely on this file."
    return (
        "What could be checked holds; whether the pages say the same could not. The version of"
        " surveyapp that made the file checks them too."
    )


def _in_groups(fingerprint: str) -> str:
    return " ".join(fingerprint[start : start + 4] for start in range(0, len(fingerprint), 4))
