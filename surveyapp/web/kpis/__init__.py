"""Facts on the web: what counts, how fresh it is, what it says, and where it came from."""

from surveyapp.web.kpis import defining, importing, index
from surveyapp.web.kpis.pages import blueprint

__all__ = ["blueprint", "defining", "importing", "index"]
