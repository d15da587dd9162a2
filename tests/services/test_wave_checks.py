"""The look before a launch: every thing that stops it, every thin place, at a fixed cost."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

from flask import Flask
from sqlalchemy import event

from surveyapp.extensions import db, reading, transaction
from surveyapp.models.accounts import Function, Influence
from surveyapp.models.invitations import OmissionReason
from surveyapp.questionnaires.loading import fingerprint_of
from surveyapp.services import programmes, wave_checks, waves
from surveyapp.services.wave_checks import Check, Note
from surveyapp.services.wave_lists import Rule
from tests import factories
from tests.factories import AT
from tests.services.wave_world import (
    DAY,
    another,
    change_contact,
    change_part,
    change_wave,
    do,
    draft,
    launch,
)


def look(wave_id: uuid.UUID, *, at: object = AT) -> Check:
    with reading() as session:
        return wave_checks.look(session, waves.load(session, wave_id), at=at)  # type: ignore[arg-type] # a moment


def note(check: Check, kind: str) -> Note:
    [found] = [each for each in check.notes if each.kind == kind]
    return found


def kinds(check: Check) -> list[str]:
    return [each.kind for each in check.notes]


def more_relationships(*buyers: str, **settings: str) -> None:
    """Relationships of Kestrin with buyers of whom nobody is known."""
    with transaction() as session:
        programme = programmes.find(session, "kestrin")
        kestrin = session.query(factories.Organisation).filter_by(name="Kestrin").one()
        for name in buyers:
            buyer = factories.make_organisation(session, programme, name)
            factories.make_relationship(session, buyer, kestrin, **settings)  # type: ignore[arg-type] # texts


def test_a_list_that_is_whole_has_no_notes(app: Flask) -> None:
    check = look(draft("Ann", "Bo"))
    assert (check.people, check.relationships, check.notes) == (2, 1, ())
    assert check.left_off == dict.fromkeys(OmissionReason, 0)


def test_nobody_to_ask_stops_the_launch(app: Flask) -> None:
    check = look(draft())
    [stop] = check.stops
    assert stop.kind == "nobody-to-ask"
    assert "Import stakeholders first" in stop.sentence
    assert check.people == 0


def test_a_closing_date_that_is_past_stops_the_launch(app: Flask) -> None:
    [stop] = look(draft("Ann"), at=AT + 20 * DAY).stops
    assert stop.sentence == "The last day for answers, 2026-03-22, is past. Move the closing date."


def test_a_questionnaire_without_the_view_or_for_more_people_stops_the_launch(app: Flask) -> None:
    wave_id = draft("Ann")
    with transaction() as session:
        version = waves.load(session, wave_id).questionnaire_version
        version.canonical_json = version.canonical_json.replace("identified", "anonymous").replace(
            "buyer-on-supplier", "supplier-on-buyer"
        )
        version.sha256 = fingerprint_of(version.canonical_json)
    assert [each.kind for each in look(wave_id).stops] == ["view-missing", "too-few-people"]


def test_relationships_with_nobody_are_counted_and_five_are_named(app: Flask) -> None:
    wave_id = draft("Ann")
    more_relationships(*(f"Buyer {number}" for number in range(7)))
    found = note(look(wave_id), "nobody-there")
    assert found.severity == "thin"
    assert found.sentence == "7 relationships have nobody on the buyer side now."
    assert found.count == 7
    assert len(found.examples) == 5
    assert all(each.startswith("Buyer ") for each in found.examples)


def test_people_outside_the_chosen_functions_are_another_thing_than_nobody(app: Flask) -> None:
    wave_id = draft("Ann", rule=Rule(functions=(Function.IT,)))
    check = look(wave_id)
    assert kinds(check) == ["nobody-to-ask", "nobody-named"]
    assert note(check, "nobody-named").examples == ("Aldermere",)


def test_a_relationship_without_a_decider_is_named(app: Flask) -> None:
    wave_id = draft("Ann", "Bo")
    change_part("Ann", influence=Influence.USES)
    change_contact("Bo", opted_out_at=AT)
    found = note(look(wave_id), "no-decider")
    assert found.sentence == "In 1 relationship nobody who decides is asked."
    assert found.examples == ("Aldermere",)
    change_contact("Bo", opted_out_at=None)
    assert "no-decider" not in kinds(look(wave_id))


def test_deciders_are_not_missed_where_only_users_are_asked(app: Flask) -> None:
    wave_id = draft("Ann", rule=Rule(influences=(Influence.USES,)))
    change_part("Ann", influence=Influence.USES)
    assert look(wave_id).notes == ()


def test_functions_that_are_expected_are_missed_one_by_one(app: Flask) -> None:
    wave_id = draft("Ann")
    with transaction() as session:
        programmes.find(session, "kestrin").expected_functions = {
            "buyer": ["procurement", "it", "executive sponsor"],
            "supplier": ["sales"],
        }
    check = look(wave_id)
    assert kinds(check) == ["nobody-in-it", "nobody-in-executive-sponsor"]
    assert (
        note(check, "nobody-in-it").sentence
        == "In 1 relationship nobody in IT is asked; you expect somebody."
    )
    assert (
        note(check, "nobody-in-executive-sponsor").sentence
        == "In 1 relationship no executive sponsor is asked; you expect somebody."
    )


def test_who_is_left_off_is_counted_and_named_by_reason(app: Flask) -> None:
    wave_id = draft("Ann", "Bo", "Cy", "Di")
    other = another("spring", rule=Rule(influences=(Influence.USES,)))
    change_part("Cy", influence=Influence.USES)
    launch(other)
    change_contact("Ann", bounced_at=AT)
    change_contact("Bo", opted_out_at=AT)
    check = look(wave_id)
    left_off = {reason.value: count for reason, count in check.left_off.items() if count}
    assert (check.people, list(left_off.values())) == (1, [1, 1, 1])
    assert note(check, "left-off-opted-out").examples == ("Bo",)
    assert note(check, "left-off-bounced").examples == ("Ann",)
    lately = note(check, "left-off-asked-lately")
    assert lately.examples == ("Cy",)
    assert "within the last 90 days" in lately.sentence


def test_a_relationship_where_everybody_is_left_off_is_named(app: Flask) -> None:
    wave_id = draft("Ann")
    change_contact("Ann", bounced_at=AT)
    check = look(wave_id)
    assert kinds(check) == ["nobody-to-ask", "everybody-left-off", "left-off-bounced"]
    assert "Everybody autumn would ask is left off" in check.stops[0].sentence


def test_readers_of_a_language_the_questionnaire_lacks_are_named(app: Flask) -> None:
    wave_id = draft("Ann", "Bo", "Cy", "Di")
    change_contact("Bo", locale="fr")
    change_contact("Cy", locale="fr-CH")
    change_contact("Di", locale="de-AT")
    check = look(wave_id)
    assert kinds(check) == ["language-fr"]
    assert check.notes[0].sentence == (
        "2 people read French; the questionnaire has no French text and comes in English."
    )
    assert check.notes[0].examples == ("Bo", "Cy")


def test_a_smallest_value_tells_of_relationships_without_one(app: Flask) -> None:
    wave_id = draft("Ann", rule=Rule(minimum_value=Decimal(1)))
    check = look(wave_id)
    assert kinds(check) == ["nobody-to-ask", "no-value"]
    assert "1 relationship has no annual value" in note(check, "no-value").sentence


def test_a_scheduled_wave_is_looked_at_as_on_its_day(app: Flask) -> None:
    wave_id = draft("Ann", "Bo")
    change_part("Bo", from_on=(AT + 2 * DAY).date())
    assert look(wave_id).people == 1
    do(wave_id, waves.schedule, opens_at=AT + 2 * DAY)
    assert look(wave_id).people == 2


def test_the_look_asks_for_what_the_launch_then_does(app: Flask) -> None:
    wave_id = draft("Ann", "Bo", "Cy")
    change_contact("Bo", opted_out_at=AT)
    check = look(wave_id)
    launch(wave_id)
    with reading() as session:
        assert session.scalar(waves.people_asked(waves.load(session, wave_id))) == check.people


@contextmanager
def statements() -> Iterator[list[str]]:
    """What the database is asked meanwhile."""
    asked: list[str] = []

    def note_it(_c: object, _k: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note_it)
    try:
        yield asked
    finally:
        event.remove(db.engine, "before_cursor_execute", note_it)


def test_the_look_costs_as_many_queries_for_many_as_for_few(app: Flask) -> None:
    wave_id = draft("Ann", "Bo")
    change_contact("Bo", opted_out_at=AT)
    more_relationships("Other")
    with statements() as few:
        look(wave_id)
    more_relationships(*(f"Buyer {number}" for number in range(30)))
    change_wave(wave_id, name="Much")
    with statements() as many:
        look(wave_id)
    assert len(many) == len(few) <= 12
