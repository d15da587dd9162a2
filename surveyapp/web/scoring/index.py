"""Everything that decides how scores come out, on one page."""

from flask import render_template

from surveyapp.extensions import db
from surveyapp.services import cut_sets, reference_sets, results, scoring_rules
from surveyapp.web import guards
from surveyapp.web.guards import requires
from surveyapp.web.scoring.pages import blueprint


@blueprint.get("")
@requires("scoring.read")
def index() -> str:
    """List reference sets, cut sets, what is in force and what was tried."""
    session, programme = db.session(), guards.programme()
    rules = scoring_rules.rules(session, programme)
    newest = {rule.questionnaire_id: rule.id for rule in reversed(rules)}
    return render_template(
        "scoring/index.html",
        lines=reference_sets.lines(session, programme),
        cut_sets=cut_sets.listed(session, programme),
        rules=rules,
        in_force=set(newest.values()),
        proposals=scoring_rules.proposals(session, programme),
        runs=results.runs_of(session, programme),
    )
