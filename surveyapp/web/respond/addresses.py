"""The respondent's corner of the site: /r and below."""

from collections.abc import Sequence
from typing import Final

from flask import Blueprint, url_for

from surveyapp.services.responses import Answering
from surveyapp.web.respond.progress import path_of

blueprint = Blueprint("respond", __name__, url_prefix="/r")

FIXED_PAGES: Final = frozenset({"review", "submit", "sent", "stopped", "contract", "overview"})
"""Last parts of addresses that no section can have as its id."""


def section(answering: Answering, section_id: str, *, new: Sequence[str] = ()) -> str:
    """Return the address of one section; ``new`` names questions an answer brought up."""
    slug = answering.assignment.slug
    if not new:
        return url_for("respond.show_section", slug=slug, section_id=section_id)
    return url_for(
        "respond.show_section",
        slug=slug,
        section_id=section_id,
        new=list(new),
        _anchor=f"question-{new[0]}",
    )


def review(answering: Answering) -> str:
    """Return the address of the review page."""
    return url_for("respond.show_review", slug=answering.assignment.slug)


def next_open(answering: Answering) -> str:
    """Return where to go on: a page kept from last time, else the first section not saved, else review."""
    if answering.held:
        return section(answering, answering.held[-1].section_id)
    for page in path_of(answering).pages:
        if page.section.id not in answering.saved:
            return section(answering, page.section.id)
    return review(answering)
