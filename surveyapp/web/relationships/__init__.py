"""Relationships on the web: the list, one of them, who stands where, adding and changing in place."""

from surveyapp.web.relationships import editing, index, organisations, show, stakeholders
from surveyapp.web.relationships.pages import blueprint

__all__ = ("blueprint", "editing", "index", "organisations", "show", "stakeholders")
