"""Waves on the web: draft, check, launch, run, remind, read who is asked and what mails say."""

from surveyapp.web.waves import (
    assisting,
    checking,
    drafting,
    files,
    index,
    mail_texts,
    people,
    referring,
    reminding,
    running,
    since,
)
from surveyapp.web.waves.pages import blueprint

__all__ = [
    "assisting",
    "blueprint",
    "checking",
    "drafting",
    "files",
    "index",
    "mail_texts",
    "people",
    "referring",
    "reminding",
    "running",
    "since",
]
