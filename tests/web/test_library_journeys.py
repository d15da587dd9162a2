"""Every questionnaire of the library is answered to the end, page by page, in each of its languages."""

import pytest
from flask import Flask

from surveyapp.questionnaires.answers import units
from surveyapp.questionnaires.catalogue import Entry, entries
from surveyapp.questionnaires.definition import Questionnaire
from tests.conftest import Checked
from tests.web.walker import Walker
from tests.web.world import open_wave, sent

BOTH = pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.id)


def answers_for(page: Checked, q: Questionnaire) -> dict[str, str]:
    """The last but one point or option of everything on the page, and words where they are asked for."""
    known = units(q)
    given: dict[str, str] = {}
    for _tag, attributes in page.fields:
        key = (attributes.get("name") or "").removeprefix("q_")
        if key in known and "." not in key:
            unit = known[key]
            codes = [str(point) for point in unit.points] + [each.code for each in unit.options]
            given[key] = codes[-2] if codes else "Some words."
    return given


@BOTH
@pytest.mark.parametrize(
    ("app_on_both", "language"),
    [("sqlite", "en"), ("postgresql", "de")],
    indirect=["app_on_both"],
)
def test_every_questionnaire_can_be_answered_to_the_end(
    app_on_both: Flask, entry: Entry, language: str
) -> None:
    assert entry.questionnaire is not None
    # the pages are the same for either side, so one wave asks them all
    asked = entry.questionnaire.model_copy(update={"views": ("buyer-on-supplier",)})
    [invited] = open_wave(app_on_both, "Tomas Vey", definition=asked, locale=language)
    walker = Walker(app_on_both.test_client())
    place = walker.start(invited)
    walked: list[str] = []
    while place != invited.at("review"):
        assert len(walked) < 40, walked
        walked.append(place)
        page = walker.open(place.partition("#")[0])
        assert f'<html lang="{language}"' in page.html
        given = answers_for(page, entry.questionnaire)
        place = walker.answer(place.partition("#")[0], **given)
    assert walker.submit(invited).location == invited.at("sent")
    [answers] = sent(app_on_both, invited.slug)
    calculated = {item.id for _, item in asked.items() if item.kind == "calculated"}
    assert calculated <= set(answers)
    assert len(answers) >= len(entry.questionnaire.sections)
