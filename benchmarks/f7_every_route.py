"""F7: every route of the console as a stranger, as each role, and with another programme's ids.

The table of roles says what each may open; everything else must be 403 for members and 404 for others,
and no refused request may change a row.
Run: ``python -m benchmarks.f7_every_route [--quick]``.
"""

from concurrent.futures import ThreadPoolExecutor

from flask import Flask

from benchmarks.stage import Outcome, Stage, main
from surveyapp.models.people import Role
from surveyapp.services import access
from tests.web.console_world import sign_in
from tests.web.routes import SOURCES, Route, give_to, make_programme, routes
from tests.web.world import dump

_OPENED = frozenset({200, 302, 303, 409})
_REFUSED, _HIDDEN = 403, 404


def play(stage: Stage, _tries: int) -> Outcome:
    """Walk every route as everybody, in a thread: the stage's own context would outlive requests."""
    with ThreadPoolExecutor(1) as elsewhere:
        return elsewhere.submit(_walk, stage.app).result()


def _walk(app: Flask) -> Outcome:
    outcome = Outcome()
    ids = {slug: make_programme(app, slug) for slug in ("kestrin", "other")}
    owner = sign_in(app, "kestrin", email="owner@kestrin.example")
    neighbour = sign_in(app, "other", email="owner@other.example")
    before = dump(app)

    def expect(who: str, route: Route, path: str, status: int, *, right: bool) -> None:
        outcome.tries += 1
        outcome.check(right, f"{who}: {route.method} {path} gave {status}")

    for route in routes(app):
        path = route.path(app, "kestrin", ids["kestrin"])
        for who, client in (("stranger", app.test_client()), ("neighbour", neighbour)):
            status = route.call(client, path)
            expect(who, route, path, status, right=status == _HIDDEN)
        for name in route.rule.arguments & SOURCES.keys():
            foreign = route.path(app, "kestrin", {**ids["kestrin"], name: ids["other"][name]})
            if foreign != path:
                status = route.call(owner, foreign)
                expect("owner, foreign id", route, foreign, status, right=status == _HIDDEN)
    outcome.check(dump(app) == before, "a refused request changed a row")
    for role in Role:
        email = f"{role.value.replace(' ', '.')}@kestrin.example"
        member = sign_in(app, "kestrin", role=role, email=email)
        give_to(app, email)
        before = dump(app)
        for route in routes(app):
            may = route.action in access.MAY[role]
            if may and route.method == "POST":
                continue
            path = route.path(app, "kestrin", ids["kestrin"])
            status = route.call(member, path)
            right = status in _OPENED if may else status == _REFUSED
            expect(role.value, route, path, status, right=right)
        outcome.check(dump(app) == before, f"{role.value}: a refused request changed a row")
    outcome.detail["routes"] = len(list(routes(app)))
    return outcome


if __name__ == "__main__":
    main("F7", "wrong answers", play, tries=1, quick=1, description=__doc__, databases=("sqlite",))
