"""People on the web: the list, one of them, adding and changing in place."""

from surveyapp.web.people import editing, index, show
from surveyapp.web.people.pages import blueprint

__all__ = ("blueprint", "editing", "index", "show")
