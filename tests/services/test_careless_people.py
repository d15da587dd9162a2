"""Who ticked one point all the way down is left out of a run, whatever the rounding of stored items."""

import numpy as np
import pytest

from surveyapp.questionnaires import catalogue
from surveyapp.questionnaires.encoding import PARTS_A_POINT
from surveyapp.services import plans, score_entries, score_state
from surveyapp.services.score_answers import ItemScores
from surveyapp.services.score_bundles import MISSING


@pytest.mark.parametrize("point", range(1, 8))
def test_one_point_ticked_all_the_way_down_is_careless_on_every_point(point: int) -> None:
    questionnaire = catalogue.find("relationship-core")
    plan = plans.plan_of(questionnaire)
    assert plan is not None
    layer = score_entries.layer(
        questionnaire, plan, view="buyer-on-supplier", when="now", wave="autumn"
    )
    ticked = {item: point for item in plan.item_ids if item not in CHOICES}
    scores = ItemScores(plan)
    parts = np.array([scores.of(each) for each in (ticked, {**ticked, "easy": 8 - point})])
    stored = np.where(parts == MISSING, np.nan, parts / PARTS_A_POINT)
    expected = [True, point == 4]  # the middle turned round is the middle
    assert score_state._careless(layer, stored).tolist() == expected


CHOICES = {"recommended_lately", "looking_at_alternatives"}
