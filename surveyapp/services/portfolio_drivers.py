"""What goes with SEQ, from a run's arrays to what the portfolio report says of it."""

from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.reports import context as said
from surveyapp.services import score_drivers
from surveyapp.services.run_files import RunFile
from surveyapp.services.score_drivers import Drivers


def drivers(file: RunFile, questionnaire: Questionnaire) -> said.Drivers | None:
    """Say what SEQ goes with; None where the questionnaire offers no drivers."""
    found = file.drivers()
    if found is None:
        return None
    match found.why_not:
        case "no engagement" | "one dimension":
            return None
        case why_not:
            return _said(found, why_not, questionnaire)


def _said(found: Drivers, why_not: said.DriversWhy, questionnaire: Questionnaire) -> said.Drivers:
    labels = [questionnaire.dimension(each).label for each in found.dimensions]
    rows = () if why_not else zip(labels, found.share, found.low, found.high, strict=True)
    return said.Drivers(
        relationships=found.relationships,
        enough=score_drivers.ENOUGH,
        rows=tuple(
            said.Driver(
                label=label,
                share=said.Interval(value=float(share), low=float(low), high=float(high)),
            )
            for label, share, low, high in rows
        ),
        explained=min(found.explained, 1.0),
        why_not=why_not,
        flat=tuple(labels) if why_not == "nothing told" else (),
    )
