"""The tables. Importing this package imports every model once, so the metadata is whole."""

from surveyapp.models import (
    accounts,
    audit,
    definitions,
    imports,
    invitations,
    jobs,
    kpis,
    mail,
    people,
    programmes,
    reminders,
    responses,
    results,
    scorecards,
    uploads,
    waves,
)

__all__ = [
    "accounts",
    "audit",
    "definitions",
    "imports",
    "invitations",
    "jobs",
    "kpis",
    "mail",
    "people",
    "programmes",
    "reminders",
    "responses",
    "results",
    "scorecards",
    "uploads",
    "waves",
]
