"""How scores are made here: reference sets, cut sets, weights in force, and trying others first."""

from surveyapp.web.scoring import index, proposals, references
from surveyapp.web.scoring.pages import blueprint

__all__ = ["blueprint", "index", "proposals", "references"]
