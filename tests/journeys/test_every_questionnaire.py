"""Scripted clients answer everything there is to the end; what they said is what is stored."""

from typing import Any

import pytest
from flask import Flask

from surveyapp.questionnaires.catalogue import entries
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.wording import locales
from tests.conftest import check_page
from tests.questionnaires import feature
from tests.web.filler import Filler, Temper
from tests.web.walker import Walker
from tests.web.world import Invited, draft, open_wave, sent

LIBRARY = {entry.id: entry.questionnaire for entry in entries() if entry.questionnaire}
SMALL = {name: feature.feature(name) for name in feature.NAMES}
ALL = LIBRARY | SMALL | {"all-together": feature.all_together()}
PAGES_AT_MOST = 40


def test_the_whole_library_is_here() -> None:
    assert LIBRARY.keys() == {entry.id for entry in entries()}
    kinds = {item.kind for _, item in ALL["all-together"].items()}
    assert {item.kind for q in ALL.values() for _, item in q.items()} == kinds


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(
    ("app_on_both", "language"),
    [("sqlite", "en"), ("postgresql", "de")],
    indirect=["app_on_both"],
)
def test_everything_asked_can_be_answered_and_is_stored_as_it_was_said(
    app_on_both: Flask, name: str, language: str
) -> None:
    # the pages are the same for either side, so one wave asks them all
    asked = ALL[name].model_copy(update={"views": ("buyer-on-supplier",)})
    shown = language if language in locales(asked) else asked.language
    people = open_wave(app_on_both, "Tomas Vey", "Ines Roth", definition=asked, locale=language)
    for invited, temper in zip(people, ("cold", "warm"), strict=True):
        answer_all(app_on_both, asked, invited, temper, shown)


def answer_all(
    app: Flask, asked: Questionnaire, invited: Invited, temper: Temper, language: str
) -> None:
    """Walk from the link to the receipt; hold what is stored against what was said."""
    walker, filler = Walker(app.test_client()), Filler(asked, temper)
    place, walked = walker.start(invited), 0
    while place != invited.at("review"):
        walked += 1
        assert walked < PAGES_AT_MOST, place
        page = walker.open(place.partition("#")[0])
        assert f'<html lang="{language}"' in page.html
        response = filler.send(walker.client, page)
        assert response.status_code == 303, check_page(response, status=422).text
        place = response.location
    calculated = {item.id for _, item in asked.items() if item.kind == "calculated"}
    assert plain(draft(app, invited.slug)) == filler.said
    assert walker.submit(invited).location == invited.at("sent")
    assert check_page(walker.client.get(invited.at("sent"))).h1
    [answers] = sent(app, invited.slug)
    stored = {key: value for key, value in answers.items() if key not in calculated}
    assert plain(stored) == filler.stands()


def plain(answers: dict[str, Any]) -> dict[str, Any]:
    """Leave out the ids of files, which are made when they arrive."""
    return {
        key: {name: each for name, each in value.items() if name != "file"}
        if isinstance(value, dict)
        else value
        for key, value in answers.items()
    }
