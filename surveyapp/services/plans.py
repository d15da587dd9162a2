"""The scoring plan of a questionnaire against the reference set in force."""

from functools import lru_cache
from typing import Final

from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.encoding import ScoringPlan, scoring_plan
from surveyapp.questionnaires.loading import canonical_json, from_canonical_json

ASSUMED_ITEM_MEAN: Final = 70.0
"""Mean of every item, 0..100, in the shipped reference set ``assumed-1``."""
NO_PLAN: Final = "0" * 64
"""Stands for the plan's hash where a questionnaire is not scored."""


def plan_of(questionnaire: Questionnaire) -> ScoringPlan | None:
    """Return how the questionnaire's answers become vectors; None when it is not scored."""
    if questionnaire.scoring is None:
        return None
    return _plan(canonical_json(questionnaire))


def why_no_score(questionnaire: Questionnaire) -> str:
    """Say why a questionnaire gives no sales-equity score; empty when it does.

    Weights over climate alone make a number too, but none that says whether somebody stays: neither
    its name nor the levels' words would be true.
    """
    if questionnaire.scoring is None:
        return f"{questionnaire.id} has no scoring, so there is no score."
    if not any(each.kind == "engagement" for each in questionnaire.dimensions):
        return (
            f"{questionnaire.id} asks nothing about engagement (attitude, intent), so there is no"
            " sales-equity score and no level of it. What people answered is kept."
        )
    return ""


@lru_cache(maxsize=64)
def _plan(canonical: str) -> ScoringPlan:
    return scoring_plan(from_canonical_json(canonical), reference_means=ASSUMED_ITEM_MEAN)
