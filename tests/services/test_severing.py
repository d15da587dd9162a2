import json
import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from surveyapp.clock import utcnow
from surveyapp.errors import Invalid, WaveStateError
from surveyapp.extensions import reading, state, transaction
from surveyapp.jobs import worker
from surveyapp.models.accounts import Function, Organisation, Relationship
from surveyapp.models.audit import AuditEvent
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.jobs import Job, JobState
from surveyapp.models.programmes import Programme
from surveyapp.models.referrals import Referral, ReferralKind
from surveyapp.models.responses import (
    AnonymousResponse,
    DraftAnswer,
    HeldPage,
    Response,
    SavedSection,
)
from surveyapp.models.waves import Wave
from surveyapp.services import (
    anonymous_answers,
    contract,
    coverage,
    coverage_promise,
    coverage_relationships,
    coverage_reminders,
    coverage_summary,
    report_contexts,
    responses,
    results,
    results_overview,
    run_files,
    scoring_runs,
    severing,
    wave_reminder_lists,
    waves,
)
from surveyapp.services.listing import Order
from surveyapp.services.wave_reminder_lists import EVERYBODY
from tests.factories import annual_survey
from tests.services.coverage_world import DAY, owner
from tests.services.scored import RATINGS, hand_in, relationship_of
from tests.services.severed_world import SOME, answer, close, open_wave, sever, severed
from tests.services.wave_world import mail_all

ALL = [f"{buyer} {number}" for buyer, there in SOME.items() for number in range(len(there))]


@pytest.fixture
def app(app_on_both: Flask) -> Iterator[Flask]:
    with app_on_both.app_context():
        yield app_on_both


def count(model: type) -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def filed() -> Counter[tuple[str, Function | None]]:
    """How many answers lie under which buyer and function."""
    with reading() as session:
        rows = session.execute(
            select(Organisation.name, AnonymousResponse.function)
            .select_from(AnonymousResponse)
            .outerjoin(Relationship, Relationship.id == AnonymousResponse.relationship_id)
            .outerjoin(Organisation, Organisation.id == Relationship.buyer_id)
        )
        return Counter((name or "", function) for name, function in rows)


def test_only_the_copies_are_left_of_a_severed_wave(app: Flask) -> None:
    wave_id = open_wave()
    for number, name in enumerate(ALL[:-1]):
        answer(wave_id, name, 1 + number % 5, 4)
    with transaction() as session:
        slug = session.scalars(
            select(Assignment.slug).where(Assignment.submitted_at.is_(None))
        ).one()
        responses.save_section(
            session, slug, "overall", {"would_recommend": 3}, version=0, at=utcnow()
        )
        responses.hold_page(
            session, slug, "overall", {"would_recommend": 4}, version=0, at=utcnow()
        )
        refer(session, wave_id)
    close(wave_id)
    sever(wave_id)
    tables = (Response, DraftAnswer, SavedSection, HeldPage, Referral)
    assert [count(each) for each in tables] == [0] * 5
    assert count(AnonymousResponse) == len(ALL) - 1
    with reading() as session:
        assert session.scalars(select(Assignment.submitted_at).distinct()).all() == [None]
        assert session.scalars(select(Invitation.started_at).distinct()).all() == [None]
        wave = waves.load(session, wave_id)
        assert (wave.turnout["answered"], contract.is_severed(wave)) == (len(ALL) - 1, True)
        event = session.scalars(select(AuditEvent).order_by(AuditEvent.number.desc())).first()
        assert event is not None
        assert (event.action, event.details) == ("wave.severed", {"answers": 10, "too_few": 0})


def refer(session: Session, wave_id: uuid.UUID) -> None:
    """Let somebody name a colleague, which tells that they were there."""
    invitation = session.scalars(select(Invitation).limit(1)).one()
    session.add(
        Referral(
            programme_id=invitation.programme_id,
            wave_id=wave_id,
            invitation_id=invitation.id,
            kind=ReferralKind.TOO,
            email="colleague@example.com",
            said_by="Aldermere 0",
            said_at=utcnow(),
        )
    )


def test_function_and_relationship_stay_only_among_five_people(app: Flask) -> None:
    severed(answered=ALL)
    # the one lawyer would be known by the function of the others: procurement goes as well
    assert filed() == {("Aldermere", None): 6, ("", None): 5}


def test_a_function_stays_where_what_is_left_is_enough_too(app: Flask) -> None:
    people = {"Aldermere": [*[Function.PROCUREMENT] * 6, *[Function.LEGAL] * 3, *[Function.IT] * 2]}
    severed(people | {"Brook": [Function.IT] * 5}, answered=[f"Aldermere {n}" for n in range(11)])
    assert filed() == {("Aldermere", Function.PROCUREMENT): 6, ("Aldermere", None): 5}


def test_a_large_relationship_is_pooled_when_the_small_ones_are_too_few(app: Flask) -> None:
    people = {"Aldermere": [Function.IT] * 7, "Brook": [Function.IT] * 6, "Cask": [Function.IT] * 1}
    wave_id = severed(people, answered=["Aldermere 0", "Brook 0", "Cask 0"])
    assert filed() == {("Aldermere", Function.IT): 1, ("", None): 2}
    with reading() as session:
        wave = waves.load(session, wave_id)
        assert wave.turnout["spared"] == str(relationship_of("Brook").id)
        [row] = anonymous_answers.rows(session, wave)
        relationship_id, function, vector, answers = row
        assert (relationship_id, function) == (relationship_of("Aldermere").id, Function.IT)
        assert (len(vector), answers["would_recommend"]) == (8, 4)
        assert len(list(anonymous_answers.pooled(session, wave))) == 2
        assert anonymous_answers.count(session, wave) == 3


def test_severing_twice_changes_nothing_and_failing_midway_loses_nothing(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    wave_id = open_wave()
    for name in ALL:
        answer(wave_id, name, 5)
    close(wave_id)
    with pytest.raises(KeyboardInterrupt):
        sever_and_die(wave_id)
    assert (count(Response), count(AnonymousResponse)) == (len(ALL), 0)
    sever(wave_id)
    sever(wave_id)
    assert (count(Response), count(AnonymousResponse)) == (0, len(ALL))


def sever_and_die(wave_id: uuid.UUID) -> None:
    """Do what a worker does that is ended before it could commit."""
    with transaction() as session:
        severing.sever(session, waves.load(session, wave_id), at=utcnow())
        raise KeyboardInterrupt


def test_a_wave_that_takes_answers_is_not_severed_nor_read(app: Flask) -> None:
    wave_id = open_wave()
    with pytest.raises(WaveStateError, match="still people's"):
        sever(wave_id)
    with reading() as session, pytest.raises(WaveStateError, match="not severed"):
        list(anonymous_answers.rows(session, waves.load(session, wave_id)))
    close(wave_id)
    with reading() as session, pytest.raises(WaveStateError, match="not severed"):
        contract.require_scorable(waves.load(session, wave_id))


def test_the_close_severs_scores_and_is_final(app: Flask) -> None:
    wave_id = open_wave()
    for number, name in enumerate(ALL):
        answer(wave_id, name, 1 + number % 5, 4)
    close(wave_id)
    while worker.tick():
        pass
    with reading() as session:
        jobs = session.scalars(select(Job).where(Job.kind != "send-mail").order_by(Job.created_at))
        assert [(job.kind, job.state, job.error) for job in jobs] == [
            ("launch-wave", JobState.DONE, ""),
            ("sever-wave", JobState.DONE, ""),
            ("score-wave", JobState.DONE, ""),
        ]
        assert session.get_one(Wave, wave_id).severed_at is not None
    again = {"reason": "More", "closes_at": utcnow(), "by": "test", "at": utcnow()}
    with transaction() as session, pytest.raises(WaveStateError, match="was anonymous"):
        waves.reopen(session, waves.load(session, wave_id), **again)


def test_too_few_people_are_not_asked_anonymously(app: Flask) -> None:
    with pytest.raises(Invalid, match="would ask 4 people, and an anonymous questionnaire needs 5"):
        open_wave({"Aldermere": [Function.IT] * 4})


def test_anonymous_items_are_filed_by_themselves_and_the_rest_keeps_its_name(app: Flask) -> None:
    wave_id = open_wave(anonymity="identified", changes=with_words())
    for number, name in enumerate(ALL):
        # two of Aldermere's six are asked why: too few to say from where it came
        say(wave_id, name, rating=2 if number in {0, 1, 7, 8, 9} else 4)
    close(wave_id)
    sever(wave_id)
    # everybody was shown the first, five in all the second
    assert filed() == {("Aldermere", None): 6, ("", None): 5 + 5}
    with reading() as session:
        wave = waves.load(session, wave_id)
        told = [answers for *_, answers in anonymous_answers.rows(session, wave)]
        told += [answers for _, answers in anonymous_answers.pooled(session, wave)]
        assert sorted(told, key=str) == sorted(
            [
                *({"wish": f"wish of {name}"} for name in ALL),
                *({"why": "planted"} for _ in range(5)),
            ],
            key=str,
        )
        left = [json.loads(each.answers_json) for each in session.scalars(select(Response))]
        assert len(left) == len(ALL)
        assert all("wish" not in each and "why" not in each for each in left)
        assert all(each["overall_satisfaction"] for each in left)
        drafts = session.scalars(select(DraftAnswer.item_id).distinct()).all()
        assert sorted(drafts) == sorted(RATINGS)
        assert not contract.is_severed(wave), "who answered stays known: the rest is identified"


def test_an_answer_that_could_be_nobody_elses_is_not_kept(app: Flask) -> None:
    wave_id = open_wave(anonymity="identified", changes=with_words())
    for number, name in enumerate(ALL):
        say(wave_id, name, rating=2 if number < 4 else 4)
    close(wave_id)
    sever(wave_id)
    assert filed() == {("Aldermere", None): 6, ("", None): 5}
    with reading() as session:
        last = select(AuditEvent).order_by(AuditEvent.number.desc())
        event = session.scalars(last).first()
        assert event is not None
        assert event.details == {"answers": 11, "too_few": 4}


def test_a_score_with_a_name_does_not_rest_on_an_anonymous_answer(app: Flask) -> None:
    words = with_words()
    words["sections"][0]["items"][0]["anonymity"] = "anonymous"
    with pytest.raises(Invalid, match="overall_satisfaction and scores it"):
        open_wave(anonymity="identified", changes=words)


def with_words() -> dict[str, Any]:
    """The survey's first section, with a question everybody gets and one for the dissatisfied."""
    words = {"kind": "text", "anonymity": "anonymous"}
    [plain, *_] = json.loads(annual_survey().model_dump_json(exclude_defaults=True))["sections"]
    plain["items"] += [
        {"id": "wish", "text": "What do you wish for?", **words},
        {"id": "why", "text": "Why?", "visible_if": "overall_satisfaction <= 2", **words},
    ]
    return {"sections": [plain]}


def say(wave_id: uuid.UUID, name: str, *, rating: int) -> None:
    """Send ratings and words, as the respondent's page does."""
    words = {"wish": f"wish of {name}", "why": "planted"}
    hand_in(wave_id, name, {**dict.fromkeys(RATINGS, rating), **words})


def test_coverage_knows_how_many_answered_and_not_who(app: Flask) -> None:
    wave_id = severed(answered=["Aldermere 0", "Aldermere 5", "Brook 1", "Cask 2"])
    with reading() as session:
        wave = waves.load(session, wave_id)
        programme = session.get_one(Programme, wave.programme_id)
        sight = coverage_promise.whole_sight(session, wave, owner(wave))
        summary = coverage_summary.look(session, sight, at=utcnow())
        lines = coverage_relationships.page(
            session, sight, coverage_relationships.EVERY, order=Order("name"), number=1
        )
        assert [(row.asked, row.answered, row.deciders_answered) for row in lines.rows] == [
            (6, 2, None),
            (2, None, None),
            (3, None, None),
        ]
        assert (summary.way.people, summary.way.answered) == (11, 4)
        assert (summary.groups["function"], summary.outlook) == ((), None)
        plain = coverage.of_wave(session, wave)
        assert (plain.submitted, plain.answered_relationships) == (4, None)
        [line] = results_overview.lines(session, programme, actor=owner(wave))
        assert (line.asked.questionnaires, line.asked.sent) == (11, 4)


def test_reminders_of_an_anonymous_wave_go_to_everybody(app: Flask) -> None:
    wave_id = open_wave()
    answer(wave_id, "Aldermere 0", 4)
    mail_all(wave_id, at=utcnow() - 2 * DAY)
    with reading() as session:
        wave = waves.load(session, wave_id)
        meant = wave_reminder_lists.counted(
            session, wave, EVERYBODY, step="reminder-1", at=utcnow() + DAY
        )
        assert meant.people == len(ALL)
        sight = coverage_promise.whole_sight(session, wave, owner(wave))
        chosen = coverage_reminders.choose(session, sight, coverage_reminders.Whom.ALL)
        preview = coverage_reminders.preview(session, sight, chosen, at=utcnow() + DAY)
        assert preview.people == len(ALL)


def test_severed_answers_are_scored_and_their_card_counts_without_functions(app: Flask) -> None:
    wave_id = severed(answered=ALL)
    run_id = scoring_runs.score_wave(
        reading, transaction, wave_id, state().store, by="test", at=utcnow()
    )
    assert run_id is not None
    with reading() as session:
        run = results.run(session, run_id)
        file = run_files.load(state().store, run)
        place = file.position(relationship_of("Aldermere").id)
        assert file.number("seq", place).n == 6
        card = report_contexts.scorecard(
            session, state().store, run, relationship_of("Aldermere").id, locale="en_GB"
        )
    assert (card.standing, card.answered) == ("shown", 6)
    assert [row.function for row in card.coverage] == ["All functions"]
    assert (card.by_function, card.silent_deciders, card.last_wave) == ((), (), None)
