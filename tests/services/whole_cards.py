"""A run whose scorecards have every part: both sides, two waves, questions, facts, two minds, silence."""

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta

from surveyapp.extensions import transaction
from surveyapp.models.programmes import Programme
from surveyapp.models.waves import View
from tests import factories
from tests.factories import AT
from tests.services import kpi_world
from tests.services.rounds import Row, make_round, score

BUYERS = [f"Buyer {number:02}" for number in range(34)]
"""Enough for a reference set of their own."""
FACTS = ("on_time", "answered", "first_time_right")


def answers(buyers: Sequence[str], people: int, *, lift: int = 0) -> dict[str, list[Row]]:
    """Warm and cold buyers, some of them of two minds, the last one silent."""
    found: dict[str, list[Row]] = {}
    for number, buyer in enumerate(buyers[:-1]):
        level = 1 + (number * 7 + lift) % 5
        found[buyer] = [
            (level, max(1, level - person % 2), 5 if number == 3 and person else level)
            for person in range(people)
        ]
    return found


def definition(anonymity: str) -> dict[str, object]:
    """The bundled survey, of whose first three ratings one is about climate."""
    plain = json.loads(
        factories.annual_survey().model_dump_json(by_alias=True, exclude_defaults=True)
    )
    [recommend] = [
        item for item in plain["sections"][0]["items"] if item["id"] == "would_recommend"
    ]
    recommend["dimension"] = "equipment"
    return {"sections": plain["sections"], "anonymity": anonymity}


def run_of_two_waves(
    buyers: Sequence[str], anonymity: str = "identified"
) -> tuple[uuid.UUID, Mapping[str, uuid.UUID]]:
    made = make_round(buyers, people=4, supplier_people=2)
    _observe(made.programme_id, buyers)
    for name, days, lift in (("spring", 0, 0), ("autumn", 200, 2)):
        at = AT + timedelta(days=days)
        view = View.SUPPLIER_ON_ITSELF
        asked = definition(anonymity)
        made.asked(f"own-{name}", answers(buyers, 2), at=at, view=view, questionnaire=asked)
        wave = made.asked(name, answers(buyers, 4, lift=lift), at=at, questionnaire=asked)
        run_id = score(wave, at=at)
    return run_id, made.relationships


def _observe(programme_id: uuid.UUID, buyers: Sequence[str]) -> None:
    """Tell facts of the year before, better for some than for others."""
    with transaction() as session:
        programme = session.get_one(Programme, programme_id)
        for place, name in enumerate(FACTS):
            kpi_world.define(session, programme, kpi_world.share(name, target=0.9))
            lines = [
                f"{buyer},Kestrin,{AT.year - 1},{700 + (37 * number + 90 * place) % 300},1000\n"
                for number, buyer in enumerate(buyers)
            ]
            head = f"buyer,supplier,period,{name}_numerator,{name}_denominator\n"
            kpi_world.load(session, programme, head + "".join(lines))
