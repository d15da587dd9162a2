"""Check what is scored: dimensions with items, and weights that make one composite."""

from typing import Final

from surveyapp.questionnaires.definition import Questionnaire, Scoring
from surveyapp.questionnaires.items import Scored
from surveyapp.questionnaires.repair import Broken
from surveyapp.questionnaires.strict_yaml import Document
from surveyapp.questionnaires.suggestions import did_you_mean

WEIGHT_TOLERANCE: Final = 1e-9


def check_scores(q: Questionnaire, document: Document, broken: Broken) -> None:
    """Note dimensions nobody measures and weights that cannot stand."""
    used = {item.dimension for _, item in q.items() if isinstance(item, Scored)}
    for dimension in q.dimensions:
        if dimension.id not in used and not broken.in_sections:
            document.complain(
                document.place(("dimensions", dimension.id), of_key=True),
                f"No item measures {dimension.id}. Give it an item, or remove it.",
            )
    if q.scoring is None:
        if q.dimensions and not broken.has("scoring"):
            document.complain(
                document.place(("dimensions",), of_key=True),
                "There are dimensions, but scoring is missing. Add it.",
            )
    elif broken.has("dimensions") or broken.has("scoring"):
        return
    elif not q.dimensions:
        document.complain(
            document.place(("scoring",), of_key=True),
            "There is nothing to score: dimensions is missing.",
        )
    else:
        _check_weights(q, q.scoring, document)


def _check_weights(q: Questionnaire, scoring: Scoring, document: Document) -> None:
    kinds = {dimension.id: dimension.kind for dimension in q.dimensions}
    engagement = [name for name, kind in kinds.items() if kind == "engagement"]
    for name in scoring.seq:
        place = document.place(("scoring", "seq", name), of_key=True)
        if name not in kinds:
            document.complain(place, f"There is no dimension {name}.{did_you_mean(name, kinds)}")
        elif kinds[name] == "constraint":
            document.complain(
                place, f"{name} is a constraint: it is shown and never scored. Remove it."
            )
        elif kinds[name] == "climate" and engagement:
            document.complain(
                place, f"{name} is climate: it informs SEQ and has no weight in it. Remove it."
            )
    at = document.place(("scoring", "seq"), of_key=True)
    for name in engagement:
        if name not in scoring.seq:
            document.complain(at, f"The engagement dimension {name} has no weight in seq. Add it.")
    total = sum(scoring.seq.values())
    if abs(total - 1) > WEIGHT_TOLERANCE:
        document.complain(at, f"The weights of seq add up to {total:g}; they must add up to 1.")
