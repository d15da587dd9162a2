"""Anonymous items leave whole: with remarks, rows, and every repetition of a repeated section."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from surveyapp.extensions import reading
from surveyapp.models.responses import AnonymousResponse, DraftAnswer, Response
from tests.factories import annual_survey
from tests.services.scored import RATINGS, hand_in
from tests.services.severed_world import SOME, close, open_wave, sever

EVERYBODY = [f"{buyer} {number}" for buyer, there in SOME.items() for number in range(len(there))]
PLANTED = {
    "mood@berlin": 2,
    "gossip@berlin.comment": "planted",
    "mood@oslo": 4,
    "way@oslo": "other",
    "way@oslo.other": "planted",
}


@pytest.fixture
def app(app_on_both: Flask) -> Iterator[Flask]:
    with app_on_both.app_context():
        yield app_on_both


def with_repeated_section() -> dict[str, Any]:
    """The survey's first section, and one about each site whose answers are anonymous."""
    [plain, *_] = json.loads(annual_survey().model_dump_json(exclude_defaults=True))["sections"]
    options = [{"code": "berlin", "label": "Berlin"}, {"code": "oslo", "label": "Oslo"}]
    plain["items"].append(
        {"id": "sites", "kind": "multiple_choice", "text": "Where?", "options": options}
    )
    other = {"code": "other", "label": "Another", "say": "Which?"}
    about_each = {
        "id": "site",
        "title": "{{ site.label }}",
        "repeat": {"for_each": "sites", "as": "site"},
        "items": [
            {
                "id": "gossip",
                "kind": "grid",
                "scale": "satisfied5",
                "anonymity": "anonymous",
                "comment": True,
                "rows": [{"id": "mood", "text": "The mood"}],
            },
            {
                "id": "way",
                "kind": "single_choice",
                "text": "Which way?",
                "anonymity": "anonymous",
                "options": [{"code": "phone", "label": "Phone"}, other],
            },
        ],
    }
    return {"sections": [plain, about_each]}


def test_nothing_of_an_anonymous_item_stays_with_a_name(app: Flask) -> None:
    wave_id = open_wave(anonymity="identified", changes=with_repeated_section())
    for name in EVERYBODY:
        given: dict[str, Any] = {**dict.fromkeys(RATINGS, 4), "sites": ["berlin", "oslo"]}
        hand_in(wave_id, name, {**given, **PLANTED})
    close(wave_id)
    sever(wave_id)
    with reading() as session:
        left = [json.loads(each) for each in session.scalars(select(Response.answers_json))]
        drafts = set(session.scalars(select(DraftAnswer.item_id)))
        filed = [
            json.loads(each) for each in session.scalars(select(AnonymousResponse.answers_json))
        ]
    assert len(left) == len(EVERYBODY)
    assert {key for each in left for key in each} == {*RATINGS, "sites"}
    assert drafts == {*RATINGS, "sites"}
    gossip = {key: PLANTED[key] for key in ("mood@berlin", "gossip@berlin.comment", "mood@oslo")}
    way = {key: PLANTED[key] for key in ("way@oslo", "way@oslo.other")}
    assert sorted(filed, key=str) == sorted([gossip, way] * len(EVERYBODY), key=str)
