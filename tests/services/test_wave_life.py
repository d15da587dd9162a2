"""The life of a wave: which step follows which, by hand and by the clock, and what is on record."""

import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from surveyapp.errors import Conflict, Invalid, WaveStateError
from surveyapp.extensions import reading, transaction
from surveyapp.models.audit import AuditEvent
from surveyapp.models.invitations import Invitation
from surveyapp.models.jobs import Job, JobState
from surveyapp.models.mail import MailState, OutgoingMail
from surveyapp.models.results import ScoreRun
from surveyapp.models.waves import View, Wave, WaveState
from surveyapp.questionnaires.loading import fingerprint_of
from surveyapp.services import definitions, jobs, wave_clock, waves
from surveyapp.services.wave_lists import Rule
from tests.factories import AT, annual_survey
from tests.services.wave_world import (
    DAY,
    HOUR,
    actions,
    another,
    change_contact,
    change_wave,
    do,
    draft,
    launch,
    state_of,
    write_list,
)

CLOSES = AT + 20 * DAY


def bring_to(state: WaveState) -> uuid.UUID:
    """A wave of one person, in that state by the steps that lead there."""
    wave_id = draft("Ann")
    if state is WaveState.SCHEDULED:
        do(wave_id, waves.schedule, opens_at=AT + DAY)
    if state not in {WaveState.DRAFT, WaveState.SCHEDULED}:
        do(wave_id, waves.launch)
    if state not in {WaveState.DRAFT, WaveState.SCHEDULED, WaveState.LAUNCHING}:
        write_list(wave_id)
    if state is WaveState.PAUSED:
        do(wave_id, waves.pause)
    if state is WaveState.CLOSED:
        do(wave_id, waves.close)
        finish_scoring()
    assert state_of(wave_id) is state
    return wave_id


def finish_scoring() -> None:
    with transaction() as session:
        for job in session.scalars(select(Job).where(Job.kind == "score-wave")):
            job.state, job.finished_at = JobState.DONE, AT


def edited(wave: Wave, **changes: Any) -> dict[str, Any]:
    as_it_is = {
        "name": wave.name,
        "view": wave.view,
        "version": wave.questionnaire_version,
        "closes_at": wave.closes_at,
        "guard_days": wave.guard_days,
        "rule": Rule.from_json(wave.list_rule),
    }
    return as_it_is | changes


def edit(wave_id: uuid.UUID, **changes: Any) -> None:
    with transaction() as session:
        wave = waves.load(session, wave_id)
        waves.edit(session, wave, **edited(wave, **changes), by="test", at=AT)


DRAFT, SCHEDULED, LAUNCHING = WaveState.DRAFT, WaveState.SCHEDULED, WaveState.LAUNCHING
OPEN, PAUSED, CLOSED = WaveState.OPEN, WaveState.PAUSED, WaveState.CLOSED
VERBS: dict[str, tuple[Callable[[uuid.UUID], Any], dict[WaveState, WaveState], str]] = {
    "edit": (
        lambda wave: edit(wave, name="Other"),
        {DRAFT: DRAFT, SCHEDULED: SCHEDULED},
        "wave.edited",
    ),
    "schedule": (
        lambda wave: do(wave, waves.schedule, opens_at=AT + 2 * DAY),
        {DRAFT: SCHEDULED, SCHEDULED: SCHEDULED},
        "wave.scheduled",
    ),
    "unschedule": (
        lambda wave: do(wave, waves.unschedule),
        {SCHEDULED: DRAFT},
        "wave.unscheduled",
    ),
    "launch": (
        lambda wave: do(wave, waves.launch),
        {DRAFT: LAUNCHING, SCHEDULED: LAUNCHING},
        "wave.launched",
    ),
    "open": (write_list, {LAUNCHING: OPEN}, "wave.opened"),
    "pause": (lambda wave: do(wave, waves.pause), {OPEN: PAUSED}, "wave.paused"),
    "resume": (lambda wave: do(wave, waves.resume), {PAUSED: OPEN}, "wave.resumed"),
    "extend": (
        lambda wave: do(wave, waves.extend, closes_at=CLOSES + DAY),
        {DRAFT: DRAFT, SCHEDULED: SCHEDULED, OPEN: OPEN, PAUSED: PAUSED},
        "wave.extended",
    ),
    "close": (lambda wave: do(wave, waves.close), {OPEN: CLOSED, PAUSED: CLOSED}, "wave.closed"),
    "reopen": (
        lambda wave: do(wave, waves.reopen, reason="Too early", closes_at=CLOSES + DAY),
        {CLOSED: OPEN},
        "wave.reopened",
    ),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("state", WaveState)
def test_a_step_leads_on_from_its_states_and_is_refused_in_every_other(
    app: Flask, state: WaveState, verb: str
) -> None:
    wave_id = bring_to(state)
    take, leads, action = VERBS[verb]
    before = actions()
    if state in leads:
        take(wave_id)
        assert state_of(wave_id) is leads[state]
        assert actions()[len(before) :] == [action]
    elif verb == "open":
        take(wave_id)  # a job that runs once more changes nothing
        assert (state_of(wave_id), actions()) == (state, before)
    else:
        with pytest.raises(WaveStateError, match=f"is {state}; only a wave that is"):
            take(wave_id)
        assert (state_of(wave_id), actions()) == (state, before)


def keep_time(at: Any) -> None:
    with transaction() as session:
        assert wave_clock.has_due(session, at=at)
        wave_clock.keep_time(session, at=at)


def test_a_scheduled_wave_is_launched_by_the_clock_at_its_moment(app: Flask) -> None:
    wave_id = draft("Ann")
    do(wave_id, waves.schedule, opens_at=AT + DAY)
    with reading() as session:
        assert not wave_clock.has_due(session, at=AT + DAY - HOUR)
    keep_time(AT + DAY)
    assert state_of(wave_id) is LAUNCHING
    with reading() as session:
        assert session.scalars(select(Job.kind)).all() == ["launch-wave"]
        assert not wave_clock.has_due(session, at=AT + DAY)
        launched = select(AuditEvent).where(AuditEvent.action == "wave.launched")
        assert session.scalars(launched).one().actor == "system"


def test_a_scheduled_launch_without_people_makes_it_a_draft_again_and_says_why(app: Flask) -> None:
    wave_id = draft("Ann")
    do(wave_id, waves.schedule, opens_at=AT + DAY)
    change_contact("Ann", opted_out_at=AT)
    keep_time(AT + DAY)
    assert state_of(wave_id) is DRAFT
    with reading() as session:
        wave = waves.load(session, wave_id)
        assert (wave.opens_at, wave.launched_at, wave.list_rule) == (None, None, {})
        assert "nobody to ask" in wave_clock.why_not_launched(session, wave)
        assert not wave_clock.has_due(session, at=AT + 2 * DAY), "it is not tried for ever"
        assert session.scalars(select(Job)).all() == []
    change_contact("Ann", opted_out_at=None)
    do(wave_id, waves.schedule, opens_at=AT + 3 * DAY, at=AT + 2 * DAY)
    with reading() as session:
        assert wave_clock.why_not_launched(session, waves.load(session, wave_id)) == ""


def test_one_scheduled_launch_that_fails_does_not_keep_another_from_its_moment(app: Flask) -> None:
    empty = draft("Ann", rule=Rule(segments=("nowhere",)))
    full = another("winter")
    for wave_id in (empty, full):
        do(wave_id, waves.schedule, opens_at=AT + DAY)
    keep_time(AT + DAY)
    assert (state_of(empty), state_of(full)) == (DRAFT, LAUNCHING)


def test_workers_that_notice_a_schedule_together_launch_once(
    app: Flask, at_once: Callable[[Sequence[Callable[[], object]]], list[object]]
) -> None:
    wave_id = draft("Ann")
    do(wave_id, waves.schedule, opens_at=AT + DAY)

    def notice() -> None:
        with transaction() as session:
            wave_clock.keep_time(session, at=AT + DAY)

    assert at_once([notice] * 4) == [None] * 4
    assert state_of(wave_id) is LAUNCHING
    assert actions().count("wave.launched") == 1
    assert "wave.not-launched" not in actions()


@pytest.mark.parametrize(
    ("opens_at", "words"), [(AT, "that is past"), (CLOSES, "Launch it before that")]
)
def test_a_schedule_outside_the_wave_is_refused(app: Flask, opens_at: Any, words: str) -> None:
    wave_id = draft("Ann")
    with pytest.raises(Invalid, match=words):
        do(wave_id, waves.schedule, opens_at=opens_at)
    assert state_of(wave_id) is DRAFT


def test_a_paused_wave_closes_at_its_closing_time(app: Flask) -> None:
    wave_id = bring_to(PAUSED)
    keep_time(CLOSES)
    assert state_of(wave_id) is CLOSED
    with reading() as session:
        assert waves.load(session, wave_id).closed_at == CLOSES
        assert session.scalars(select(Job.kind).where(Job.kind == "score-wave")).all()


@pytest.mark.parametrize("verb", [waves.pause, waves.extend])
def test_a_wave_whose_time_is_over_waits_for_its_close(
    app: Flask, verb: Callable[..., Any]
) -> None:
    wave_id = bring_to(OPEN)
    given = {"closes_at": CLOSES + 9 * DAY} if verb is waves.extend else {}
    with pytest.raises(WaveStateError, match="closing time"):
        do(wave_id, verb, at=CLOSES, **given)


def test_resuming_asks_for_the_mail_that_waited(app: Flask) -> None:
    wave_id = bring_to(PAUSED)
    do(wave_id, waves.resume, at=AT + DAY)
    with reading() as session:
        keys = session.scalars(select(Job.key).where(Job.kind == "send-mail")).all()
    assert len(keys) == 2, "the first was for the launch"


@pytest.mark.parametrize("state", [OPEN, PAUSED])
def test_the_last_day_people_were_told_is_never_moved_forward(app: Flask, state: WaveState) -> None:
    wave_id = bring_to(state)
    with pytest.raises(Invalid, match="until 2026-03-22"):
        do(wave_id, waves.extend, closes_at=CLOSES - DAY)
    do(wave_id, waves.extend, closes_at=CLOSES + 5 * DAY)
    with reading() as session:
        assert waves.load(session, wave_id).closes_at == CLOSES + 5 * DAY


def test_a_drafts_closing_date_moves_either_way_but_not_into_the_past(app: Flask) -> None:
    wave_id = bring_to(DRAFT)
    do(wave_id, waves.extend, closes_at=AT + DAY)
    with pytest.raises(Invalid, match="that is past"):
        do(wave_id, waves.extend, closes_at=AT)
    do(wave_id, waves.schedule, opens_at=AT + HOUR)
    with pytest.raises(Invalid, match="cannot close on"):
        do(wave_id, waves.extend, closes_at=AT + HOUR)


def test_a_closing_date_in_the_past_is_named_as_the_day_that_was_meant(app: Flask) -> None:
    midnight = AT.replace(hour=0, minute=0)
    with pytest.raises(Invalid, match="cannot close on 2026-03-01"):
        draft("Ann", closes_in=midnight - AT)


def test_reopening_needs_a_reason_that_is_kept_on_record(app: Flask) -> None:
    wave_id = bring_to(CLOSED)
    for reason in (" ", "x" * 301):
        with pytest.raises(Invalid, match="why the wave is reopened"):
            do(wave_id, waves.reopen, reason=reason, closes_at=CLOSES)
    assert state_of(wave_id) is CLOSED
    do(wave_id, waves.reopen, reason=" Closed  by mistake ", closes_at=CLOSES + DAY)
    with reading() as session:
        event = session.scalars(select(AuditEvent).order_by(AuditEvent.number.desc())).first()
        assert event is not None
        assert event.details["reason"] == "Closed by mistake"
        wave = waves.load(session, wave_id)
        assert (wave.closed_at, wave.closes_at) == (None, CLOSES + DAY)


def test_a_wave_with_an_anonymous_part_is_not_reopened(app: Flask) -> None:
    wave_id = bring_to(CLOSED)
    with transaction() as session:
        wave = waves.load(session, wave_id)
        version = wave.questionnaire_version
        version.canonical_json = version.canonical_json.replace("identified", "anonymous")
        version.sha256 = fingerprint_of(version.canonical_json)
    with pytest.raises(WaveStateError, match="was anonymous"):
        do(wave_id, waves.reopen, reason="More", closes_at=CLOSES + DAY)
    assert state_of(wave_id) is CLOSED


def test_a_wave_is_not_reopened_while_its_scores_are_made(app: Flask) -> None:
    wave_id = bring_to(OPEN)
    do(wave_id, waves.close)
    with pytest.raises(Conflict, match="is being scored"):
        do(wave_id, waves.reopen, reason="More", closes_at=CLOSES + DAY)
    finish_scoring()
    do(wave_id, waves.reopen, reason="More", closes_at=CLOSES + DAY)
    assert state_of(wave_id) is OPEN


def test_the_close_after_a_reopening_asks_for_scores_of_its_own(app: Flask) -> None:
    wave_id = bring_to(CLOSED)
    do(wave_id, waves.reopen, reason="More", closes_at=CLOSES + DAY, at=AT + DAY)
    do(wave_id, waves.close, at=AT + 2 * DAY)
    with reading() as session:
        jobs_ = session.scalars(select(Job).where(Job.kind == "score-wave")).all()
    assert sorted(job.state for job in jobs_) == [JobState.DONE, JobState.QUEUED]


def test_reopening_sends_the_invitations_that_the_close_overtook(app: Flask) -> None:
    wave_id = bring_to(CLOSED)
    with transaction() as session:
        session.scalars(select(OutgoingMail)).one().state = MailState.DROPPED
    do(wave_id, waves.reopen, reason="Closed by mistake", closes_at=CLOSES, at=AT + DAY)
    with reading() as session:
        assert session.scalars(select(OutgoingMail.state)).one() is MailState.QUEUED
        keys = session.scalars(select(Job.key).where(Job.kind == "send-mail")).all()
        assert len(keys) == 2


def test_a_draft_is_changed_as_a_whole_or_not_at_all(app: Flask) -> None:
    wave_id = bring_to(DRAFT)
    rule = Rule(segments=("Key",))
    edit(wave_id, name=" New  name ", guard_days=7, rule=rule, closes_at=CLOSES + DAY)
    for wrong, words in (
        ({"name": " "}, "1 to 300 characters"),
        ({"guard_days": -1}, "0 to 3650 days"),
        ({"view": View.SUPPLIER_ON_BUYER}, "is written for buyer-on-supplier"),
        ({"closes_at": AT}, "that is past"),
    ):
        with pytest.raises(Invalid, match=words):
            edit(wave_id, **{"name": "Never", **wrong})
    with reading() as session:
        wave = waves.load(session, wave_id)
        assert (wave.name, wave.guard_days) == ("New name", 7)
        assert (Rule.from_json(wave.list_rule), wave.closes_at) == (rule, CLOSES + DAY)


def test_a_draft_may_take_another_questionnaire(app: Flask) -> None:
    wave_id = bring_to(DRAFT)
    with transaction() as session:
        wave = waves.load(session, wave_id)
        survey = annual_survey({"version": 9})
        version = definitions.publish(session, wave.programme, survey, by="test", at=AT)
        waves.edit(session, wave, **edited(wave, version=version), by="test", at=AT)
    launch(wave_id)
    with reading() as session:
        assert waves.load(session, wave_id).questionnaire_version.version == 9
        assert session.scalars(select(Invitation)).one()


def test_guard_days_come_from_the_programme_unless_the_wave_says_otherwise(app: Flask) -> None:
    first = draft("Ann")
    second = another("winter", guard_days=0)
    with reading() as session:
        assert waves.load(session, first).guard_days == 90
        assert waves.load(session, second).guard_days == 0


def test_closing_time_is_what_it_was_when_the_wave_was_extended(app: Flask) -> None:
    wave_id = bring_to(OPEN)
    do(wave_id, waves.extend, closes_at=CLOSES + DAY)
    with reading() as session:
        assert not wave_clock.has_due(session, at=CLOSES)
        assert wave_clock.has_due(session, at=CLOSES + DAY)
    change_wave(wave_id, closes_at=CLOSES + timedelta(hours=30))
    with reading() as session:
        assert not wave_clock.has_due(session, at=CLOSES + DAY)
        assert session.scalars(select(ScoreRun)).all() == []
        assert jobs.unfinished(session)
