"""A respondent's browser without a screen: opens pages, fills fields, presses buttons."""

from collections.abc import Iterable

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import Checked, check_page
from tests.web.world import Invited

Answer = str | list[str]


def main_form(page: Checked) -> str:
    """Return where a page's own form goes; the switch of languages may stand before it."""
    return next(form for form in page.forms if "/language/" not in form)


class Walker:
    """One browser; it can walk through several invitations."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def open(self, path: str, *, status: int = 200, typed: Iterable[str] = ()) -> Checked:
        return check_page(self.client.get(path), status=status, typed=typed)

    def start(self, invited: Invited) -> str:
        """Open the link, press Start, return where that leads."""
        self.open(invited.link)
        response = self.client.post(invited.link)
        assert response.status_code == 303
        return response.location

    def fill(self, page: Checked, action: str = "continue", **answers: Answer) -> TestResponse:
        """Change some fields of a page and press its button."""
        form = {**page.as_posted(), "action": [action]}
        for name, answer in answers.items():
            form[f"q_{name}"] = answer if isinstance(answer, list) else [answer]
        return self.client.post(main_form(page), data=form)

    def answer(self, path: str, action: str = "continue", **answers: Answer) -> str:
        """Open a page, answer, save; return where that leads."""
        response = self.fill(self.open(path), action, **answers)
        assert response.status_code == 303, response.get_data(as_text=True)
        return response.location

    def submit(self, invited: Invited) -> TestResponse:
        page = self.open(invited.at("review"))
        return self.client.post(main_form(page), data=page.as_posted())
