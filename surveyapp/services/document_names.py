"""What the files of documents are called: who and which wave, in letters every file system takes."""

import re
import unicodedata
from typing import Final

from surveyapp.models.accounts import Relationship
from surveyapp.models.results import ScoreRun

_NAME_BYTES: Final = 60
"""Bytes of each of three names in a file's name: the column takes 200 characters, file systems 255
bytes, of which a letter may need four."""


def of_archive(run: ScoreRun) -> str:
    """Name the ZIP of every scorecard of a run for people."""
    return _plain(f"{_shortened(run.wave.programme.name)} scorecards", run) + ".zip"


def of_document(run: ScoreRun, relationship: Relationship | None) -> str:
    """Name the file for people: who and which wave, in letters every file system takes."""
    who = (
        f"{_shortened(relationship.buyer.name)} and {_shortened(relationship.supplier.name)}"
        if relationship
        else f"{_shortened(run.wave.programme.name)} portfolio"
    )
    return _plain(who, run) + ".pdf"


def _plain(who: str, run: ScoreRun) -> str:
    name = f"{who} - {_shortened(run.wave.name)}"
    return re.sub(r"[^\w .,&'()+-]+", "-", name).strip(" .-")


def _shortened(name: str) -> str:
    """Cut a name to the bytes it may take, between letters."""
    whole = unicodedata.normalize("NFC", name).encode()
    return whole[:_NAME_BYTES].decode(errors="ignore")
