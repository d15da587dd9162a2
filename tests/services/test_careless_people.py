"""Who ticked one point all the way down is left out of a run, whatever the rounding of stored items."""

import numpy as np
import pytest

from surveyapp.questionnaires import catalogue
from surveyapp.questionnaires.encoding import item_scores
from surveyapp.services import plans, score_entries, score_state


@pytest.mark.parametrize("point", range(1, 8))
def test_one_point_ticked_all_the_way_down_is_careless_on_every_point(point: int) -> None:
    questionnaire = catalogue.find("relationship-core")
    plan = plans.plan_of(questionnaire)
    assert plan is not None
    layer = score_entries.layer(
        questionnaire, plan, view="buyer-on-supplier", when="now", wave="autumn"
    )
    ticked = {item: point for item in plan.item_ids if item not in CHOICES}
    stored = np.round(item_scores(plan, [ticked, {**ticked, "easy": 8 - point}]), 4)
    expected = [True, point == 4]  # the middle turned round is the middle
    assert score_state._careless(layer, stored).tolist() == expected


CHOICES = {"recommended_lately", "looking_at_alternatives"}
