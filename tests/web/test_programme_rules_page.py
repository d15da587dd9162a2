import pytest
from flask import Flask

from surveyapp.models.people import Role
from tests.conftest import check_page
from tests.web.accounts_world import World, build, events, programme, send, submit
from tests.web.console_world import sign_in


@pytest.fixture
def world(app: Flask) -> World:
    return build(app)


@pytest.mark.parametrize("role", Role)
def test_every_member_reads_the_rules(app: Flask, world: World, role: Role) -> None:
    found = check_page(sign_in(app, world.programme, role=role).get(f"{world.home}/rules"))
    assert "procurement and finance" in found.text
    assert "Not within 90 days of another wave" in found.text
    assert ("Change the rules" in found.text) == (role == Role.OWNER)


def test_an_owner_changes_the_rules(app: Flask, world: World) -> None:
    owner = sign_in(app, world.programme)
    path = f"{world.home}/rules/edit"
    opened = check_page(owner.get(path))
    submit(owner, path, guard_days="0", owner="Kestrin", buyer=["legal", "it"], supplier=[])
    found = check_page(owner.get(f"{world.home}/rules"))
    assert "IT and legal" in found.text
    assert "As often as waves are launched" in found.text
    assert programme(app, world.programme).expected_functions == {
        "buyer": ["it", "legal"],
        "supplier": [],
    }
    assert events(app)[-1][0] == "programme.changed"
    refused = check_page(send(owner, path, opened, status=409, name="Other"), status=409)
    assert "Functions expected at the buyer IT, Legal Procurement, Finance" in refused.text
    assert "Days between two waves for one person 0 90" in refused.text
    assert programme(app, world.programme).name == "Kestrin key accounts"


@pytest.mark.parametrize("days", ["", "-1", "x", "99999999999999999999", "٣"])
def test_days_are_whole_numbers(app: Flask, world: World, days: str) -> None:
    owner = sign_in(app, world.programme)
    response = submit(owner, f"{world.home}/rules/edit", status=422, guard_days=days)
    found = check_page(response, status=422)
    assert "Write a number of days" in found.text
