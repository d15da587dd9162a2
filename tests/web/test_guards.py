import re

import pytest
from flask import Flask

from surveyapp.questionnaires.meaning import PAGES
from surveyapp.web.guards import public


def test_every_route_is_guarded_or_says_why_it_is_open(app: Flask) -> None:
    unmarked = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"  # style sheets, fonts and the icon: the same for everybody
        and not {"open_because", "required_action", "requires_sign_in"}
        & app.view_functions[rule.endpoint].__dict__.keys()
    ]
    assert unmarked == []


def test_a_page_is_not_open_to_all_without_a_reason() -> None:
    with pytest.raises(ValueError, match="Say why"):
        public("")


def test_no_section_can_have_the_address_of_another_page(app: Flask) -> None:
    # whatever stands behind the one part that names a questionnaire or a link
    behind = re.compile(r"/r/<\w+>/(?P<page>[^/<]+)")
    found = (behind.match(rule.rule) for rule in app.url_map.iter_rules())
    beside = {match["page"] for match in found if match}
    assert beside == PAGES
