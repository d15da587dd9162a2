"""A questionnaire as one person reads it: what is kept for the next request is what would be made anew."""

import uuid
from datetime import UTC, datetime
from typing import Any

from surveyapp.models.definitions import QuestionnaireVersion
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.loading import canonical_json, fingerprint_of
from surveyapp.questionnaires.shuffling import shuffled
from surveyapp.questionnaires.wording import addressed
from surveyapp.services import told
from surveyapp.services.shelves import Shelf
from tests.web.world import EVERY_KIND, questionnaire

NAMES = {"them": "Kestrin {us}", "us": "{{ role.label }}"}


def version_of(definition: Questionnaire) -> QuestionnaireVersion:
    frozen = canonical_json(definition)
    return QuestionnaireVersion(
        id=uuid.uuid4(),
        questionnaire_id=definition.id,
        version=definition.version,
        sha256=fingerprint_of(frozen),
        canonical_json=frozen,
        published_at=datetime(2026, 3, 2, tzinfo=UTC),
    )


def naming_an_answer() -> Questionnaire:
    sections: list[Any] = [dict(each) for each in EVERY_KIND["sections"]]
    sections[2] = {**sections[2], "introduction": "{us} said {{ role.label }} of {them}."}
    return questionnaire({"sections": sections})


def shuffling() -> Questionnaire:
    sections: list[Any] = [dict(each) for each in EVERY_KIND["sections"]]
    return questionnaire(
        {"sections": [sections[0], {**sections[1], "random": "items"}, sections[2]]}
    )


def test_both_sides_are_named_and_braces_in_a_name_stay_what_they_are() -> None:
    version = version_of(questionnaire())
    first = told.to_person(version, "en", NAMES, {}, seed=1)
    assert first == addressed(questionnaire(), NAMES)
    assert first.title == "How is working with Kestrin {us} going?"
    other = told.to_person(version, "en", {"them": "Alder", "us": "Us"}, {}, seed=1)
    assert other.title == "How is working with Alder going?"
    assert told.to_person(version, "en", NAMES, {}, seed=2) is first, "no order hangs on the seed"


def test_an_earlier_answer_in_a_text_is_each_persons_own() -> None:
    version = version_of(naming_an_answer())
    read = [
        told.to_person(version, "en", NAMES, {"role": role}, seed=1).sections[2].introduction
        for role in ("Buyer", "Planner")
    ]
    assert read == [
        "{{ role.label }} said Buyer of Kestrin {us}.",
        "{{ role.label }} said Planner of Kestrin {us}.",
    ]


def test_each_seed_keeps_its_own_order() -> None:
    version = version_of(shuffling())
    for seed in (1, 2, 3, 1):
        found = told.to_person(version, "en", NAMES, {}, seed=seed)
        assert found == addressed(shuffled(shuffling(), seed), NAMES)


def test_a_shelf_lets_go_of_what_was_not_asked_for_longest() -> None:
    shelf: Shelf[str, str] = Shelf(2)
    made: list[str] = []

    def ask(key: str) -> str:
        def make() -> str:
            made.append(key)
            return key.upper()

        return shelf.get(key, make)

    assert [ask(key) for key in ("a", "b", "a", "c", "a", "b")] == ["A", "B", "A", "C", "A", "B"]
    assert made == ["a", "b", "c", "b"]
    assert len(shelf) == 2
