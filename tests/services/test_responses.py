"""Answers: nothing accepted is lost, nothing is sent twice, nothing is written too late."""

import json
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError, OperationalError

from surveyapp.clock import utcnow
from surveyapp.errors import NotFound, WaveStateError
from surveyapp.extensions import db, reading, transaction
from surveyapp.models.responses import DraftAnswer, HeldPage, Response, SavedSection
from surveyapp.models.waves import Wave
from surveyapp.questionnaires.values import Value
from surveyapp.services import responses, submissions, waves
from surveyapp.services.responses import Answering, Saved, StalePage
from surveyapp.services.submissions import Submitted
from tests.web.world import dump, open_wave

AtOnce = Callable[[Sequence[Callable[[], object]]], list[object]]


@pytest.fixture
def slug(app: Flask) -> str:
    [invited] = open_wave(app, "Tomas Vey")
    return invited.slug


def save(
    slug: str,
    section: str = "promises",
    *,
    version: int = 0,
    at: datetime | None = None,
    **answers: Value | None,
) -> Saved:
    with transaction() as session:
        return responses.save_section(
            session, slug, section, answers, version=version, at=at or utcnow()
        )


def submit(slug: str, at: datetime | None = None) -> Submitted:
    with transaction() as session:
        return submissions.submit(session, slug, at=at or utcnow())


def look(slug: str) -> Answering:
    with reading() as session:
        return responses.answering(session, slug, at=utcnow())


def test_a_saved_page_stands_and_counts_its_versions(slug: str) -> None:
    assert save(slug, delivers=2, what_happened="Late.").version == 1
    assert save(slug, version=1, delivers=3).version == 2
    now = look(slug)
    assert now.answers == {"delivers": 3, "what_happened": "Late."}
    assert now.saved["promises"].version == 2
    assert save(slug, version=2, what_happened=None).version == 3
    assert look(slug).answers == {"delivers": 3}


def test_a_page_made_before_the_newest_is_stale_unless_it_says_the_same(slug: str) -> None:
    save(slug, delivers=2, fixes_cause=5)
    with pytest.raises(StalePage) as refused:
        save(slug, delivers=4, fixes_cause=5)
    assert refused.value.current == {"delivers": 2, "fixes_cause": 5}
    assert refused.value.saved_at == look(slug).saved["promises"].saved_at
    assert look(slug).answers == {"delivers": 2, "fixes_cause": 5}
    assert save(slug, delivers=2, fixes_cause=5).version == 1, "pressed twice is saved once"


def test_posts_of_different_sections_at_once_lose_nothing(
    app: Flask, slug: str, at_once: AtOnce
) -> None:
    for number in range(100):
        found = at_once(
            [
                lambda v=number: save(slug, "promises", version=v, delivers=v % 7 + 1),  # type: ignore[misc] # defaults bind the number
                lambda v=number: save(slug, "own_words", version=v, change_first=f"No. {v}"),  # type: ignore[misc] # as above
            ]
        )
        assert [getattr(each, "version", each) for each in found] == [number + 1] * 2
        now = look(slug).answers
        assert now == {"delivers": number % 7 + 1, "change_first": f"No. {number}"}


def test_posts_of_one_section_at_once_keep_one_and_show_the_other_what_stands(
    app: Flask, slug: str, at_once: AtOnce
) -> None:
    for number in range(20):
        found = at_once(
            [
                lambda v=number, a=answer: save(slug, version=v, delivers=a)  # type: ignore[misc] # as above
                for answer in (1 + number % 2, 5, 7)
            ]
        )
        accepted = [each for each in found if isinstance(each, Saved)]
        refused = [each for each in found if isinstance(each, StalePage)]
        assert (len(accepted), len(refused)) == (1, 2), found
        stands = look(slug).answers["delivers"]
        assert [each.current for each in refused] == [{"delivers": stands}] * 2


def test_pressing_send_twice_at_once_gives_one_response(app: Flask, at_once: AtOnce) -> None:
    everyone = open_wave(app, *(f"Person {number}" for number in range(50)))
    for invited in everyone:
        save(invited.slug, delivers=6)
        found = at_once([lambda slug=invited.slug: submit(slug)] * 2)  # type: ignore[misc] # as above
        submitted = [each for each in found if isinstance(each, Submitted)]
        assert sorted(each.was_already for each in submitted) == [False, True], found
        assert len({each.response.id for each in submitted if each.response}) == 1
    with reading() as session:
        assert session.scalar(select(func.count(Response.id))) == 50


def test_answers_off_the_path_stay_in_the_draft_and_out_of_the_response(slug: str) -> None:
    save(slug, delivers=2, what_happened="Three weeks late.")
    save(slug, version=1, delivers=7)
    sent = submit(slug).response
    assert sent is not None
    assert json.loads(sent.answers_json) == {"delivers": 7}
    assert look(slug).answers["what_happened"] == "Three weeks late."


def test_what_is_missing_is_named_and_nothing_is_sent(slug: str) -> None:
    refused = submit(slug)
    assert refused.response is None
    assert [each.id for each in refused.missing] == ["delivers"]
    assert look(slug).status == "open"


def held(slug: str, number: int, section: str = "promises") -> None:
    with transaction() as session:
        at = utcnow() + timedelta(milliseconds=number)
        responses.hold_page(session, slug, section, {"delivers": number}, version=0, at=at)


def test_held_pages_are_bounded_and_the_newest_are_kept(slug: str) -> None:
    for number in range(30):
        held(slug, number)
    assert [page.answers["delivers"] for page in look(slug).held] == list(range(10, 30))
    save(slug, "own_words", change_first="x")
    assert len(look(slug).held) == 20, "other sections' pages stay"
    save(slug, delivers=4)
    assert look(slug).held == []


@pytest.mark.parametrize("how", ["closed by hand", "closing time passed", "sent before"])
def test_after_the_end_nothing_is_written(app: Flask, slug: str, how: str) -> None:
    save(slug, delivers=5)
    at = utcnow()
    if how == "closed by hand":
        with transaction() as session:
            waves.close(session, session.scalars(select(Wave)).one(), by="test", at=at)
    elif how == "closing time passed":
        at += timedelta(days=21)
    else:
        submit(slug)
    before = dump(app)
    refusals: list[Callable[[], object]] = [
        lambda: save(slug, version=1, delivers=1, at=at),
        lambda: save(slug, "own_words", change_first="late", at=at),
    ]
    if (
        how != "sent before"
    ):  # a page that comes after the sending is kept: it may become a correction
        refusals += [lambda: _hold(slug, at), lambda: submit(slug, at)]
    for refused in refusals:
        with pytest.raises(WaveStateError):
            refused()
    db.session.rollback()
    assert dump(app) == before


def _hold(slug: str, at: datetime) -> None:
    with transaction() as session:
        responses.hold_page(session, slug, "promises", {}, version=0, at=at)


def test_a_close_waits_for_answers_that_are_being_sent(app: Flask, slug: str) -> None:
    """What a close has not waited for would get a receipt and be missing in the scores."""
    save(slug, delivers=6)
    counted: list[int | None] = []

    def close_and_count() -> None:
        with app.app_context():
            with transaction() as session:
                wave = session.scalars(select(Wave)).one()
                waves.close(session, wave, by="test", at=utcnow())
            with reading() as session:
                counted.append(session.scalar(select(func.count(Response.id))))

    closing = threading.Thread(target=close_and_count)
    with transaction() as session:
        submissions.submit(session, slug, at=utcnow())
        closing.start()
        closing.join(0.3)
        assert closing.is_alive(), "the close did not wait"
    closing.join()
    assert counted == [1]


def test_a_page_that_waited_for_a_close_reads_the_wave_as_it_is_then(app: Flask, slug: str) -> None:
    """It began while the wave was open; what it must not do is write by what it saw before it waited."""
    refused: list[str] = []

    def save_late() -> None:
        with app.app_context(), pytest.raises(WaveStateError) as error:
            save(slug, delivers=6)
        refused.append(str(error.value))

    saving = threading.Thread(target=save_late)
    with transaction() as session:
        waves.close(session, session.scalars(select(Wave)).one(), by="test", at=utcnow())
        saving.start()
        saving.join(0.3)
        assert saving.is_alive(), "the page did not wait"
    saving.join()
    assert refused == ["The questionnaire is closed."]
    assert look(slug).answers == {}


def test_a_page_that_is_saved_keeps_the_wave_from_closing(app: Flask, slug: str) -> None:
    closed: list[bool] = []

    def close() -> None:
        with app.app_context(), transaction() as session:
            waves.close(session, session.scalars(select(Wave)).one(), by="test", at=utcnow())
        closed.append(True)

    closing = threading.Thread(target=close)
    with transaction() as session:
        responses.save_section(session, slug, "promises", {"delivers": 6}, version=0, at=utcnow())
        closing.start()
        closing.join(0.3)
        assert closing.is_alive(), "the close did not wait"
    closing.join()
    assert closed == [True]
    assert look(slug).answers == {"delivers": 6}


def test_an_unknown_name_is_not_found(slug: str) -> None:
    with pytest.raises(NotFound):
        save("no-such-name-at-all-00", delivers=1)


def test_writers_at_once_lose_nothing_and_none_is_locked_out(app: Flask, at_once: AtOnce) -> None:
    everyone = open_wave(app, *(f"Person {number}" for number in range(4)))

    def write_a_hundred_times(slug: str) -> int:
        for number in range(100):
            save(slug, "own_words", version=number, change_first=f"No. {number}")
        return 100

    calls = [lambda slug=each.slug: write_a_hundred_times(slug) for each in everyone]  # type: ignore[misc] # as above
    assert at_once(calls) == [100] * 4
    with reading() as session:
        assert list(session.scalars(select(SavedSection.version))) == [100] * 4
        assert list(session.scalars(select(DraftAnswer.value))) == ["No. 99"] * 4


def test_the_session_for_reading_refuses_to_write(app: Flask, slug: str) -> None:
    before = dump(app)
    db.session.rollback()
    wave = db.session.scalars(select(Wave)).one()
    wave.name = "Changed"
    # SQLite: query_only; PostgreSQL: a transaction begun as read only
    refusal = (OperationalError, DBAPIError)
    with pytest.raises(refusal, match=r"readonly|read-only"):
        db.session.commit()
    db.session.rollback()
    with reading() as session, pytest.raises(refusal, match=r"readonly|read-only"):
        session.query(HeldPage).delete()
    assert dump(app) == before
    assert save(slug, delivers=1).version == 1, "and the next write is not hindered"
