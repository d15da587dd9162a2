"""What people do in a programme of a given size: pages, an answer, a scorecard, an export."""

import uuid
from collections.abc import Iterator
from contextvars import Context
from typing import Final
from urllib.parse import quote

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from benchmarks import journey_wave
from benchmarks.growth_meter import Cost, Meter
from benchmarks.growth_world import GROWN, RELATIONSHIPS, SCORED, World
from benchmarks.stage import PAGE_TOKEN, Stage
from surveyapp.clock import utcnow
from surveyapp.extensions import reading, state, transaction
from surveyapp.jobs.press import press
from surveyapp.models.accounts import Relationship
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.results import Score
from surveyapp.models.scorecards import Scorecard, ScorecardState
from surveyapp.reports import packs
from surveyapp.services import links, results, scorecards
from tests.web.console_world import sign_in

_WAVE: Final = f"/p/{GROWN}/waves/autumn"
_PAGES: Final = {
    "relationships": f"/p/{GROWN}/relationships",
    "people": f"/p/{GROWN}/people",
}
_COUNTED: Final = {"wave": _WAVE, "coverage": f"{_WAVE}/coverage"}
"""Pages whose figures are kept for a minute where many are asked; here they are counted each time."""
_RESULTS: Final = f"/p/{SCORED}/results/wave"
_ROUNDS: Final = 10


def costs(meter: Meter, on: Stage, world: World) -> dict[str, Cost]:
    """Measure each operation at this size."""
    owner, reader = sign_in(on.app, GROWN), sign_in(on.app, SCORED)
    found = {name: _page(meter, owner, path) for name, path in _PAGES.items()}
    found["results"] = _page(meter, reader, _RESULTS)
    for name, path in _COUNTED.items():
        found[name] = meter.typical(
            1, lambda path=path: _counted_anew(on, owner, path), rounds=_ROUNDS
        )
    found["export"] = meter.typical(
        RELATIONSHIPS * world.size,
        lambda: _get(owner, f"{_WAVE}/coverage/relationships.csv"),
        rounds=3,
    )
    answers = _posts(on, world)
    found["answer"] = meter.typical(1, lambda: next(answers), rounds=_ROUNDS)
    cards = _cards(world)
    found["scorecard"] = meter.typical(1, lambda: next(cards), rounds=3)
    return found


def _page(meter: Meter, browser: FlaskClient, path: str) -> Cost:
    return meter.typical(1, lambda: _get(browser, path), rounds=_ROUNDS)


def _get(browser: FlaskClient, path: str) -> None:
    # a context of its own: inside the stage's, Flask would keep who asked before
    response = Context().run(browser.get, path)
    length = len(response.get_data())
    if response.status_code != 200 or not length:
        raise RuntimeError(f"{path} gave {response.status_code} and {length} bytes")


def _counted_anew(on: Stage, browser: FlaskClient, path: str) -> None:
    """Open a page without the figures that were kept for a minute."""
    on.app.extensions.pop("coverage-figures", None)
    _get(browser, path)


def _posts(on: Stage, world: World) -> Iterator[None]:
    """Save one section after another, each time as somebody else; opening it is not part of a step."""
    key = state().settings.link_key
    with reading() as session:
        people = session.execute(
            select(Invitation.id, Invitation.generation, Assignment.slug)
            .join(Assignment, Assignment.invitation_id == Invitation.id)
            .where(Invitation.wave_id == world.wave_id, Assignment.submitted_at.is_(None))
            .limit(_ROUNDS + 1)
        ).all()
    section = journey_wave.QUESTIONNAIRE.sections[0].id
    ready = [
        _opened(on, f"/r/{links.token_for(each.id, each.generation, link_key=key)}", at)
        for each in people
        for at in [f"/r/{each.slug}/{section}"]
    ]
    for (browser, form), each in zip(ready, people, strict=True):
        path = f"/r/{each.slug}/{section}"
        response = Context().run(
            browser.post, path, data=form, content_type="application/x-www-form-urlencoded"
        )
        if response.status_code != 303:
            raise RuntimeError(f"An answer got {response.status_code}.")
        yield


def _opened(on: Stage, link: str, path: str) -> tuple[FlaskClient, str]:
    """Return a browser with the page open, and what pressing the button sends."""
    browser = on.app.test_client()
    Context().run(browser.post, link)
    page = Context().run(browser.get, path).get_data(as_text=True)
    token = PAGE_TOKEN.search(page)
    if token is None:
        raise RuntimeError(f"There is no form on {path}.")
    section = journey_wave.QUESTIONNAIRE.sections[0].id
    return browser, f"page_token={quote(token[1])}&action=continue&{journey_wave.forms(0)[section]}"


def _cards(world: World) -> Iterator[None]:
    """Build one scorecard after another, each about another relationship."""
    for document_id in _asked_for(world.run_id):
        scorecards.build(reading, transaction, document_id, state().store, press(), at=utcnow())
        with reading() as session:
            if session.get_one(Scorecard, document_id).state != ScorecardState.READY:
                raise RuntimeError("A scorecard was not made.")
        yield


def _asked_for(run_id: uuid.UUID) -> list[uuid.UUID]:
    with transaction() as session:
        run, pack = results.run(session, run_id), packs.find("scorecard")
        about = session.scalars(
            select(Relationship)
            .join(Score, Score.relationship_id == Relationship.id)
            .where(Score.run_id == run_id)
            .options(joinedload(Relationship.buyer), joinedload(Relationship.supplier))
            .limit(_ROUNDS)
        ).all()
        for each in about:
            scorecards.request(
                session, run, each, pack=pack, locale="en_GB", by="benchmark", at=utcnow()
            )
    with reading() as session:
        return list(session.scalars(select(Scorecard.id).where(Scorecard.run_id == run_id)))
