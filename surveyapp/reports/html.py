"""From a context to the HTML of a report: a bundled pack here, somebody's own in a process apart."""

from typing import Literal

from surveyapp.reports import sandbox
from surveyapp.reports.filling import Page, fill, method_section, page_of
from surveyapp.reports.packs import Pack, ReportContext

Sheet = Literal["a4", "letter"]

__all__ = ["Page", "Sheet", "method_section", "page_of", "render"]


def render(pack: Pack, context: ReportContext, *, sheet: Sheet = "a4") -> str:
    """Return the whole HTML document of a report, for paper of that size.

    Raises
    ------
    Invalid
        The pack was not written for this kind of context or its language; or it is somebody's own
        and its template does what it may not.
    """
    pack.require(context)
    if pack.is_bundled:
        return fill(pack, context, sheet)
    pack.require_contained()
    return sandbox.apart(pack, context, sheet)
