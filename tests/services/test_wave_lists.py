"""Who is asked: the rule, the frozen list with its reasons, and who is left off."""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select

from surveyapp.errors import Invalid
from surveyapp.extensions import reading, transaction
from surveyapp.models.accounts import Contact, Function, Influence, Stakeholder
from surveyapp.models.invitations import Assignment, Invitation, Omission, OmissionReason
from surveyapp.models.mail import OutgoingMail
from surveyapp.models.programmes import Programme
from surveyapp.models.waves import Wave, WaveState
from surveyapp.services import programmes, wave_launches, wave_people, waves
from surveyapp.services.wave_lists import Rule
from tests import factories
from tests.factories import AT, annual_survey
from tests.services.wave_world import (
    DAY,
    HOUR,
    add_person,
    another,
    change_contact,
    change_part,
    change_wave,
    do,
    draft,
    invited,
    launch,
    state_of,
    write_list,
)

RULES = [
    Rule(),
    Rule(segments=("Key", "Growth"), minimum_value=Decimal("125000.50")),
    Rule(
        product_lines=("Cloud",),
        service_teams=("Team 1",),
        regions=("North",),
        functions=(Function.IT, Function.EXECUTIVE_SPONSOR),
        influences=(Influence.USES,),
    ),
]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_reads_back_as_it_was_written(rule: Rule) -> None:
    assert Rule.from_json(rule.as_json()) == rule


def test_a_row_of_the_first_release_reads_as_everybody() -> None:
    stored = {"side": "buyer", "relationships": "all", "on": "2026-03-02"}
    assert Rule.from_json(stored) == Rule()


def test_a_wave_launched_by_the_first_release_keeps_its_list(app: Flask) -> None:
    wave_id = draft("Ann")
    launch(wave_id)
    change_wave(wave_id, list_rule={"side": "buyer", "relationships": "all", "on": "2026-03-02"})
    with reading() as session:
        assert session.scalar(waves.people_asked(waves.load(session, wave_id))) == 1


def world() -> None:
    """Four buyers of Kestrin, each with a decider in procurement and a user of its own function."""
    with transaction() as session:
        programme = factories.make_programme(session)
        kestrin = factories.make_organisation(session, programme, "Kestrin")
        for name, function, settings in (
            ("Aldermere", Function.IT, {"segment": "Key", "annual_value": Decimal(500000)}),
            ("Brook", Function.LEGAL, {"segment": "Growth", "annual_value": Decimal("99.99")}),
            ("Corvid", Function.IT, {"segment": "Key", "region": "North"}),
            ("Dene", Function.SALES, {"product_line": "Cloud", "annual_value": Decimal(100)}),
        ):
            buyer = factories.make_organisation(session, programme, name)
            relationship = factories.make_relationship(session, buyer, kestrin, **settings)  # type: ignore[arg-type] # each has its own
            for role, influence, does in (
                ("decider", Influence.DECIDES, Function.PROCUREMENT),
                ("user", Influence.USES, function),
            ):
                contact = factories.make_contact(session, buyer, f"{name} {role}")
                factories.make_part(
                    session, contact, relationship, function=does, influence=influence
                )
        factories.make_wave(session, programme, annual_survey())


@pytest.mark.parametrize(
    ("rule", "names"),
    [
        (
            Rule(),
            "Aldermere decider,Aldermere user,Brook decider,Brook user,Corvid decider,Corvid user,Dene decider,Dene user",
        ),
        (Rule(segments=("Growth",)), "Brook decider,Brook user"),
        (
            Rule(segments=("Growth", "Key"), influences=(Influence.USES,)),
            "Aldermere user,Brook user,Corvid user",
        ),
        (Rule(regions=("North",)), "Corvid decider,Corvid user"),
        (Rule(product_lines=("Cloud",), functions=(Function.SALES,)), "Dene user"),
        (
            Rule(minimum_value=Decimal(100)),
            "Aldermere decider,Aldermere user,Dene decider,Dene user",
        ),
        (Rule(functions=(Function.IT,)), "Aldermere user,Corvid user"),
    ],
)
def test_a_rule_narrows_relationships_and_people(app: Flask, rule: Rule, names: str) -> None:
    world()
    with transaction() as session:
        wave = session.scalars(select(Wave)).one()
        wave.list_rule = rule.as_json()
    launch(wave.id)
    assert ",".join(invited()) == names
    with reading() as session:
        frozen = waves.load(session, wave.id).list_rule
        assert Rule.from_json(frozen) == rule
        assert (frozen["side"], frozen["on"]) == ("buyer", "2026-03-02")


def test_a_rule_that_names_nobody_is_not_launched(app: Flask) -> None:
    wave_id = draft("Ann", rule=Rule(segments=("nowhere",)))
    with pytest.raises(Invalid, match="any of the relationships chosen"):
        do(wave_id, waves.launch)


def reasons() -> dict[str, str]:
    with reading() as session:
        rows = session.execute(
            select(Contact.name, Invitation.reason).join(
                Invitation, Invitation.contact_id == Contact.id
            )
        )
        return {row.name: row.reason for row in rows}


def test_the_reason_is_a_sentence_about_the_weightiest_part(app: Flask) -> None:
    wave_id = draft("Ann", "Bo")
    change_part("Bo", function=Function.IT, influence=Influence.USES)
    with transaction() as session:
        programme = programmes.find(session, "kestrin")
        ann = session.scalars(select(Contact).where(Contact.name == "Ann")).one()
        part = session.scalars(select(Stakeholder).where(Stakeholder.contact_id == ann.id)).one()
        part.influence = Influence.INFLUENCES
        buyer = session.get_one(factories.Organisation, ann.organisation_id)
        kestrin = session.scalars(
            select(factories.Organisation).where(factories.Organisation.name == "Kestrin")
        ).one()
        for line, influence in (("Cloud", Influence.DECIDES), ("Spares", Influence.USES)):
            relationship = factories.make_relationship(session, buyer, kestrin, product_line=line)
            factories.make_part(
                session, ann, relationship, function=Function.LEGAL, influence=influence
            )
        assert programme.name
    launch(wave_id)
    assert reasons() == {
        "Ann": "Legal, decides, for Aldermere (Cloud) and 2 more",
        "Bo": "IT, uses, for Aldermere",
    }


def test_the_reason_names_both_companies_where_neither_is_in_every_relationship(
    app: Flask,
) -> None:
    wave_id = draft("Ann")
    with transaction() as session:
        programme = programmes.find(session, "kestrin")
        one, other = (
            factories.make_organisation(session, programme, name) for name in ("Brook", "x" * 100)
        )
        factories.make_part(
            session,
            factories.make_contact(session, one, "Bo"),
            factories.make_relationship(session, one, other),
        )
    launch(wave_id)
    assert reasons()["Ann"] == "Procurement, decides, for Aldermere with Kestrin"
    assert reasons()["Bo"].startswith("Procurement, decides, for Brook with xxx")
    assert len(reasons()["Bo"]) < 150


def left_off(wave_id: uuid.UUID) -> dict[str, tuple[str, str]]:
    with reading() as session:
        page = wave_people.omissions(session, waves.load(session, wave_id))
        return {row.name: (row.reason.value, row.details) for row in page.rows}


def test_everybody_left_off_is_kept_with_the_reason(app: Flask) -> None:
    wave_id = draft("Ann", "Bo", "Cy", "Di")
    earlier = another("spring", rule=Rule(influences=(Influence.USES,)), at=AT - 30 * DAY)
    for name in ("Cy", "Di"):
        change_part(name, influence=Influence.USES, created_at=AT - 40 * DAY)
    launch(earlier, at=AT - 30 * DAY)
    change_contact("Ann", bounced_at=AT, bounce="550 no such user")
    change_contact("Bo", opted_out_at=AT, bounced_at=AT, bounce="550")
    change_contact("Di", opted_out_at=AT)
    add_person("Eve")
    launch(wave_id)
    assert left_off(wave_id) == {
        "Ann": ("address bounced", "550 no such user"),
        "Bo": ("opted out", ""),
        "Cy": ("asked lately", "Asked in Spring on 31 January 2026."),
        "Di": ("opted out", ""),
    }
    assert invited() == ["Cy", "Di", "Eve"], "two in spring, one now"
    with reading() as session:
        counted = wave_people.left_off(session, waves.load(session, wave_id))
        assert {reason: count for reason, count in counted.items() if count} == {
            OmissionReason.OPTED_OUT: 2,
            OmissionReason.BOUNCED: 1,
            OmissionReason.ASKED_LATELY: 1,
        }


@pytest.mark.parametrize(
    ("earlier", "guard", "is_asked"),
    [
        (89 * DAY, 90, False),
        (90 * DAY, 90, True),
        (90 * DAY - 9 * HOUR, 90, True),  # the day counts, not the hour
        (HOUR, 1, False),
        (HOUR, 0, True),
    ],
)
def test_the_guard_counts_days_between_launches(
    app: Flask, earlier: timedelta, guard: int, *, is_asked: bool
) -> None:
    wave_id = draft("Ann", "Bo", guard_days=guard)
    first = AT - earlier
    change_part("Ann", created_at=first)
    other = another("spring", at=first)
    launch(other, at=first)
    launch(wave_id)
    assert invited() == (["Ann", "Ann", "Bo"] if is_asked else ["Ann", "Bo"])


def test_the_guard_counts_no_wave_that_never_opened(app: Flask) -> None:
    stuck = draft("Ann")
    do(stuck, waves.launch)

    def die(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_list(stuck, progress=die)
    assert state_of(stuck) is WaveState.LAUNCHING
    later = another("winter", at=AT + 2 * HOUR)
    launch(later, at=AT + 2 * HOUR)
    assert invited() == ["Ann", "Ann"]


def test_the_guard_counts_a_wave_that_is_being_launched_at_the_moment(app: Flask) -> None:
    first = draft("Ann", "Bo")
    second = another("winter")
    add_person("Cy")
    do(first, waves.launch)
    do(second, waves.launch)
    write_list(first)
    write_list(second)
    assert invited() == ["Ann", "Bo", "Cy"]
    assert set(left_off(second)) == {"Ann", "Bo", "Cy"}


def test_two_waves_launched_at_once_ask_nobody_twice(
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    at_once: Callable[[Sequence[Callable[[], object]]], list[object]],
) -> None:
    monkeypatch.setattr(wave_launches, "CHUNK", 2)
    names = [f"Person {number:02}" for number in range(9)]
    first = draft(*names)
    second = another("winter")
    for wave_id in (first, second):
        do(wave_id, waves.launch)
    at_once([lambda: write_list(first), lambda: write_list(second)])
    assert invited() == names


def test_the_guard_of_one_programme_knows_nothing_of_another(app: Flask) -> None:
    wave_id = draft("Ann")
    with transaction() as session:
        other = factories.make_programme(session, "other")
        buyer, supplier = (
            factories.make_organisation(session, other, name) for name in ("Aldermere", "Kestrin")
        )
        ann = factories.make_contact(session, buyer, "Ann")
        factories.make_part(session, ann, factories.make_relationship(session, buyer, supplier))
        theirs = factories.make_wave(session, other, annual_survey()).id
    launch(theirs)
    launch(wave_id)
    assert invited() == ["Ann", "Ann"]


def test_when_everybody_is_left_off_the_launch_is_refused(app: Flask) -> None:
    wave_id = draft("Ann")
    change_contact("Ann", bounced_at=AT)
    with pytest.raises(Invalid, match="Everybody autumn would ask is left off"):
        do(wave_id, waves.launch)
    assert state_of(wave_id) is WaveState.DRAFT


def test_who_is_imported_after_the_launch_is_not_on_the_list(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wave_launches, "CHUNK", 2)
    wave_id = draft(*(f"Person {number}" for number in range(6)))
    do(wave_id, waves.launch)

    def imports(done: int, _total: int) -> None:
        add_person(f"Late {done}", at=AT + HOUR)

    assert write_list(wave_id, at=AT + HOUR, progress=imports) == 6
    assert invited() == [f"Person {number}" for number in range(6)]


def test_a_chunk_finds_people_as_they_are_and_a_last_look_those_changed_meanwhile(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wave_launches, "CHUNK", 1)
    wave_id = draft("Ann", "Bo", "Cy", rule=Rule(influences=(Influence.DECIDES,)))
    change_part("Bo", influence=Influence.USES)
    do(wave_id, waves.launch)
    change_contact("Ann", opted_out_at=AT)
    seen: list[int] = []

    def promote(done: int, _total: int) -> None:
        seen.append(done)
        if done == 2:
            change_part("Bo", influence=Influence.DECIDES)

    write_list(wave_id, progress=promote)
    assert seen == [1, 2, 3]
    assert invited() == ["Bo", "Cy"]
    assert set(left_off(wave_id)) == {"Ann"}


def test_whose_part_ends_before_their_chunk_is_not_asked(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wave_launches, "CHUNK", 1)
    names = ("Ann", "Bo", "Cy")
    wave_id = draft(*names)
    do(wave_id, waves.launch)

    def leave(_done: int, _total: int) -> None:
        for name in set(names) - set(invited()):
            change_part(name, until_on=(AT - DAY).date())

    assert write_list(wave_id, progress=leave) == 1
    assert state_of(wave_id) is WaveState.OPEN


def test_a_launch_that_dies_writes_no_reason_twice_either(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wave_launches, "CHUNK", 2)
    names = [f"Person {number:02}" for number in range(9)]
    wave_id = draft(*names)
    for name in names[::2]:
        change_contact(name, opted_out_at=AT)
    do(wave_id, waves.launch)
    seen: list[tuple[int, int]] = []

    def die_once(done: int, total: int) -> None:
        seen.append((done, total))
        if len(seen) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_list(wave_id, progress=die_once)
    assert write_list(wave_id, progress=die_once) == 4
    assert seen == [(2, 9), (4, 9), (6, 9), (8, 9), (9, 9)]
    with reading() as session:
        assert session.scalar(select(func.count(Omission.id))) == 5
        assert session.scalar(select(func.count(Assignment.id))) == 4
        assert session.scalar(select(func.count(OutgoingMail.id))) == 4
        assert session.scalar(select(func.count(Programme.id))) == 1


def test_the_day_of_the_list_is_the_day_of_the_launch(app: Flask) -> None:
    wave_id = draft("Ann", "Bo")
    change_part("Bo", from_on=(AT + DAY).date())
    do(wave_id, waves.launch)
    write_list(wave_id, at=AT + 3 * DAY)
    assert invited() == ["Ann"]
    with reading() as session:
        written = session.scalars(select(Invitation.created_at)).one()
        assert written == AT + 3 * DAY
        assert isinstance(written, datetime)
