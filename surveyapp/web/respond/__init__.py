"""The respondent's pages: start, one section a page, review, receipt."""

from surveyapp.web.respond import (
    entrance,
    handouts,
    others,
    quiet,
    sections,
    sending,
    states,
    switching,
)
from surveyapp.web.respond.addresses import blueprint

__all__ = [
    "blueprint",
    "entrance",
    "handouts",
    "others",
    "quiet",
    "sections",
    "sending",
    "states",
    "switching",
]
