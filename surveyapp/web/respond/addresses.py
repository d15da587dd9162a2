"""The respondent's corner of the site: /r and below."""

from collections.abc import Sequence

from flask import Blueprint, url_for

from surveyapp import extensions
from surveyapp.services.responses import Answering
from surveyapp.web.respond.progress import path_of

blueprint = Blueprint("respond", __name__, url_prefix="/r")
# many people answer at once, and their pages read little
blueprint.before_request(extensions.read_alone)


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


def receipt(answering: Answering, *, has_lost_files: bool = False) -> str:
    """Return the address of the page that says the answers have arrived."""
    return url_for(
        "respond.show_receipt",
        slug=answering.assignment.slug,
        files="lost" if has_lost_files else None,
    )


def next_kept(answering: Answering) -> str:
    """Return the address of the first page that waits to be confirmed; empty when there is none."""
    kept = {page.section_id for page in answering.held}
    on_path = (page.section.id for page in path_of(answering).pages)
    waiting = next((each for each in on_path if each in kept), "")
    return section(answering, waiting) if waiting else ""


def next_open(answering: Answering) -> str:
    """Return where to go on: a page kept from last time, else the first section not passed, else review."""
    if kept := next_kept(answering):
        return kept
    passed = {each for each, saved in answering.saved.items() if saved.is_passed}
    for page in path_of(answering).pages:
        if page.section.id not in passed:
            return section(answering, page.section.id)
    return review(answering)
