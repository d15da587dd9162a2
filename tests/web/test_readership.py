"""What respondents read about who sees what, held against what the console really shows to whom."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from surveyapp.extensions import reading
from surveyapp.models.accounts import Contact
from surveyapp.models.invitations import Invitation
from surveyapp.models.people import Role
from surveyapp.questionnaires.definition import Anonymity, Questionnaire
from surveyapp.services import readership
from surveyapp.services.readership import Sight
from tests.conftest import Page
from tests.questionnaires.feature import feature
from tests.web.console_world import sign_in
from tests.web.routes import give_to
from tests.web.test_handed_in import PDF, hand_in
from tests.web.walker import Walker
from tests.web.world import open_wave, questionnaire

PEOPLE = ("Tomas Vey", *(f"Person {number}" for number in range(4)))
CONSOLE = "/p/kestrin"


def promising(anonymity: Anonymity) -> Questionnaire:
    """The questionnaire that asks for files, as ``check`` would not let it pass."""
    return feature("files").model_copy(update={"anonymity": anonymity})


@pytest.mark.parametrize("anonymity", Anonymity)
def test_each_role_is_shown_by_the_console_what_respondents_are_told(
    app: Flask, anonymity: Anonymity
) -> None:
    definition = promising(anonymity)
    tomas, *_others = open_wave(app, *PEOPLE, definition=definition)
    hand_in(app.test_client(), tomas, PDF).submit(tomas)
    told, shown = {}, {}
    for role in Role:
        member = sign_in(app, "kestrin", role=role, email=f"{role.name}@kestrin.example".lower())
        if role is Role.RELATIONSHIP_MANAGER:
            give_to(app, f"{role.name}@kestrin.example".lower())
        told[role] = set(readership.seen_by(role, definition)) - {Sight.COMMENTS}
        shown[role] = seen_in(app, member)
    assert shown == told
    has_names = anonymity is Anonymity.IDENTIFIED
    assert (Sight.ANSWERS in told[Role.OWNER]) == has_names


def seen_in(app: Flask, member: FlaskClient) -> set[Sight]:
    """Look at every page of the console that could tell something about Tomas."""
    with app.app_context(), reading() as session:
        contact = session.scalars(select(Contact.id).where(Contact.name == "Tomas Vey")).one()
    listed = text(member, f"{CONSOLE}/waves/autumn/people.csv")
    person = text(member, f"{CONSOLE}/people/{contact}")
    files = text(member, f"{CONSOLE}/waves/autumn/files")
    found = set()
    if member.get(f"{CONSOLE}/results").status_code == 200:
        found.add(Sight.RESULTS)
    if "iso.pdf" in files:
        # the file is an answer, and stands beside the name of whoever gave it
        found |= {Sight.FILES, Sight.ANSWERS}
    if "Tomas Vey" in listed or "Asked in waves" in person:
        found.add(Sight.LIST)
    if re.search(r"Tomas Vey,.*,answered\b", listed) or re.search(r"<td>\s*yes\s*</td>", person):
        found = found - {Sight.LIST} | {Sight.TURNOUT}
    return found


def text(member: FlaskClient, path: str) -> str:
    response = member.get(path)
    assert response.status_code in {200, 403}
    return response.get_data(as_text=True) if response.status_code == 200 else ""


def test_whoever_may_put_answers_in_for_somebody_is_told_to_see_answers(app: Flask) -> None:
    definition = questionnaire({"anonymity": "identified"})
    open_wave(app, "Tomas Vey", definition=definition)
    with app.app_context(), reading() as session:
        invitation = session.scalars(select(Invitation.id)).one()
    path = f"{CONSOLE}/waves/autumn/people/{invitation}/assist"
    for role in Role:
        status = sign_in(app, "kestrin", role=role).get(path).status_code
        assert status in {200, 403}
        if status == 200:
            assert Sight.ANSWERS in readership.seen_by(role, definition)


@pytest.mark.parametrize(
    ("anonymity", "words"),
    [
        (
            "identified",
            {
                "Programme owners, analysts": "Results, your comments, your answers with your name"
                " and whether you have answered.",
                "Reviewers": "Your answers with your name and whether you have answered.",
                "Relationship managers": "Only of business relationships they look after"
                " themselves: results, your comments and whether you have answered.",
            },
        ),
        (
            "confidential",
            {
                "Programme owners, analysts, executives": "Results, comments without names and"
                " that you were asked.",
                "Reviewers": "That you were asked.",
            },
        ),
    ],
)
def test_the_start_page_and_the_contract_say_who_sees_what_role_by_role(
    app: Flask, client: FlaskClient, page: Page, anonymity: str, words: dict[str, str]
) -> None:
    [tomas] = open_wave(app, "Tomas Vey", definition=questionnaire({"anonymity": anonymity}))
    start = page(tomas.link)
    walker = Walker(client)
    walker.start(tomas)
    contract = walker.open(tomas.at("contract"))
    for roles, seen in words.items():
        assert f"{roles} {seen}" in start.text
        assert f"{roles} {seen}" in contract.text
