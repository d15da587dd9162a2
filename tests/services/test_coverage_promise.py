"""Under a promise no number rests on fewer people than promised, and none can be worked out."""

from dataclasses import replace

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from surveyapp.extensions import db, transaction
from surveyapp.models.accounts import Function, Influence
from surveyapp.models.people import Role
from surveyapp.services import (
    coverage_export,
    coverage_figures,
    coverage_groups,
    coverage_money,
    coverage_relationships,
    coverage_silence,
    coverage_summary,
)
from surveyapp.services.coverage_figures import Cut
from surveyapp.services.coverage_groups import Group
from surveyapp.services.coverage_relationships import EVERY, Covered, Heard, Narrowing
from surveyapp.services.listing import Order
from tests.services import coverage_world
from tests.services.coverage_world import (
    ANSWERED,
    DECIDED,
    DECIDER,
    NOW,
    SILENT,
    Account,
    Person,
    people,
    seen,
    write,
)
from tests.web.console_world import make_user


def listed(narrowing: Narrowing = EVERY, *, order: str = "value") -> dict[str, Covered]:
    page = coverage_relationships.page(
        db.session(), seen(db.session()), narrowing, order=Order(order), number=1
    )
    return {row.name: row for row in page.rows}


def test_a_relationship_with_few_people_is_not_told_and_not_called_silent(app: Flask) -> None:
    with transaction() as session:
        write(
            session,
            [
                Account(people(2), name="Two"),
                Account(people(2), name="Two more"),
                Account(people(3), name="Three"),
            ],
            anonymity="confidential",
        )
    found = listed()
    assert (found["Two"].answered, found["Two"].is_silent) == (None, False)
    assert (found["Three"].answered, found["Three"].is_silent) == (0, True)
    assert set(listed(Narrowing(heard=Heard.SILENT))) == {"Three"}
    assert set(listed(Narrowing(heard=Heard.SOMEBODY))) == set()


def test_one_small_relationship_takes_another_with_it_so_that_no_difference_tells(
    app: Flask,
) -> None:
    with transaction() as session:
        write(
            session,
            [
                Account([ANSWERED, SILENT], name="Two"),
                Account([ANSWERED, *people(3)], name="Four"),
                Account([ANSWERED, *people(6)], name="Seven"),
            ],
            anonymity="confidential",
        )
    found = listed()
    assert {name: row.answered for name, row in found.items()} == {
        "Two": None,
        "Four": None,
        "Seven": 1,
    }


def test_the_same_people_in_many_small_relationships_are_still_few(app: Flask) -> None:
    with transaction() as session:
        wave = write(
            session,
            [Account([SILENT], name=f"One {number}") for number in range(3)]
            + [Account(people(5), name="Five")],
            anonymity="confidential",
        )
        coverage_world.share_one_person(session, wave, among="One")
    assert listed()["Five"].answered is None, "else one person's answer is the rest of the total"


def test_deciders_are_told_only_where_they_and_the_others_are_enough(app: Flask) -> None:
    three = [DECIDED, *people(2, DECIDER)]
    with transaction() as session:
        write(
            session,
            [
                Account([*three, *people(3)], name="Three of each"),
                Account([*three, SILENT], name="One other"),
                Account([DECIDER, ANSWERED, *people(4)], name="One decider"),
                Account([*people(3, DECIDER), SILENT], name="Nobody at all"),
                Account(three, name="Deciders only"),
            ],
            anonymity="confidential",
        )
    told = {name: row.deciders_answered for name, row in listed().items()}
    assert told == {
        "Three of each": 1,
        "One other": None,
        "One decider": None,
        # follows from "nobody has answered", which is told
        "Nobody at all": 0,
        "Deciders only": 1,
    }
    assert set(listed(Narrowing(heard=Heard.SILENT))) == {"Nobody at all"}


def test_no_order_and_no_filter_tells_what_the_row_does_not(app: Flask) -> None:
    with transaction() as session:
        write(
            session,
            [
                Account([ANSWERED, SILENT], name="Heard", value=1),
                Account(people(2), name="Silent", value=1),
                Account(people(9), name="Large", value=1),
            ],
            anonymity="confidential",
        )
    sight = seen(db.session())
    by_id = sorted(
        row.relationship_id for name, row in listed().items() if name in {"Heard", "Silent"}
    )
    for column in ("answered", "deciders"):
        for is_descending in (False, True):
            page = coverage_relationships.page(
                db.session(), sight, EVERY, order=Order(column, is_descending), number=1
            )
            untold = [row.relationship_id for row in page.rows if row.answered is None]
            assert untold == by_id, "the untold stand in an order that says nothing"


def test_a_promise_tells_mail_but_nobody_s_beginnings(app: Flask) -> None:
    begun = Person(saved=True, started=True)
    with transaction() as session:
        write(session, [Account([begun, *people(4)])], anonymity="confidential")
    session, sight = db.session(), seen(db.session())
    summary = coverage_summary.look(session, sight, at=NOW)
    assert summary.way.saved is None
    assert [group.part_way for group in summary.groups[Cut.FUNCTION]] == [None]
    [row] = listed().values()
    found = coverage_silence.look(session, sight, [row.relationship_id])
    assert found[row.relationship_id].begun is None


def test_money_counts_untold_relationships_apart(app: Flask) -> None:
    with transaction() as session:
        write(
            session,
            [
                Account([ANSWERED], value=5),
                Account(people(2), value=7),
                Account([ANSWERED, *people(3)], value=11),
            ],
            anonymity="confidential",
        )
    [line] = coverage_money.by_currency(db.session(), seen(db.session()))
    assert (line.untold.relationships, line.untold.value) == (2, 12)
    assert (line.heard.value, line.still.value, line.undecided.value) == (11, 0, 0)


def test_fewer_than_k_in_all_tell_nothing(app: Flask) -> None:
    with transaction() as session:
        write(session, [Account([ANSWERED, DECIDER])], anonymity="confidential")
    summary = coverage_summary.look(db.session(), seen(db.session()), at=NOW)
    assert not summary.is_told
    assert summary.groups == {Cut.FUNCTION: (), Cut.INFLUENCE: ()}
    assert summary.outlook is None


def test_a_manager_s_small_part_is_hidden_though_the_owner_sees_it(app: Flask) -> None:
    make_user(app, "manager@example.com")
    with transaction() as session:
        wave = write(
            session,
            [Account([ANSWERED, SILENT], name="Own"), Account(people(9), name="Other")],
            anonymity="confidential",
        )
        manager = coverage_world.make_manager(session, wave, "manager@example.com", of="Own")
    actor = coverage_world.owner(wave, role=Role.RELATIONSHIP_MANAGER, user_id=manager)
    sight = seen(db.session(), actor=actor)
    assert not coverage_summary.look(db.session(), sight, at=NOW).is_told


def test_the_export_says_what_the_pages_say(app: Flask) -> None:
    with transaction() as session:
        write(
            session,
            [
                Account([ANSWERED], name="=Small", value=3),
                Account([ANSWERED, SILENT], name="Small too", value=2),
                Account([*people(3, DECIDER), *people(4, ANSWERED)], name="Large", value=1),
            ],
            anonymity="confidential",
        )
    rows = list(coverage_export.rows(db.session(), seen(db.session())))
    columns = [coverage_export.HEADINGS.index(name) for name in ("buyer", "asked", "answered")]
    assert [[row[column] for column in columns] for row in rows] == [
        ["=Small", "1", "not shown"],
        ["Small too", "2", "not shown"],
        ["Large", "7", "4"],
    ]
    assert [row[-1] for row in rows] == ["not shown", "not shown", "yes"]
    assert not any("Zelda" in cell for row in rows for cell in row)


@pytest.mark.parametrize("anonymity", ["confidential", "identified"])
def test_small_functions_are_told_together_under_a_promise_only(app: Flask, anonymity: str) -> None:
    legal = replace(ANSWERED, function=Function.LEGAL)
    finance = replace(SILENT, function=Function.FINANCE)
    with transaction() as session:
        write(session, [Account([*people(6), legal, finance, finance])], anonymity=anonymity)
    groups = coverage_figures.groups(db.session(), seen(db.session()))[Cut.FUNCTION]
    together = [set(group.keys) for group in groups]
    if anonymity == "identified":
        assert together == [{Function.OPERATIONS}, {Function.FINANCE}, {Function.LEGAL}]
    else:
        # three people, but as many as the larger group for certain: so operations join
        assert together == [{Function.OPERATIONS, Function.LEGAL, Function.FINANCE}]
    assert sum(group.asked for group in groups) == 9
    assert sum(group.answered for group in groups) == 1


SIZES = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=len(Function)
)


def _group(key: Function, deciders: int, others: int) -> Group:
    return Group(
        keys=(key,),
        people=deciders + others,
        deciding_people=deciders,
        other_people=others,
        asked=deciders + others,
        answered=0,
        part_way=None,
        deciders_asked=deciders,
        deciders_answered=0,
        tells_deciders=True,
    )


@given(SIZES, st.sampled_from([3, 5]))
def test_no_group_and_no_difference_of_groups_is_smaller_than_k(
    sizes: list[tuple[int, int]], minimum: int
) -> None:
    groups = [_group(key, *size) for key, size in zip(Function, sizes, strict=False) if sum(size)]
    pooled = coverage_groups.pooled(groups, minimum)
    assert sum(group.asked for group in pooled) == sum(group.asked for group in groups)
    if len(pooled) > 1:
        assert all(group.asked >= minimum for group in pooled)
    safe = coverage_groups.with_safe_deciders(pooled, minimum)
    for group in safe:
        if group.tells_deciders:
            others = group.asked - group.deciders_asked
            assert group.deciders_asked == 0 or group.deciders_asked >= minimum
            assert others == 0 or others >= minimum
    hidden = [group for group in safe if not group.tells_deciders]
    if hidden and len(hidden) < len(safe):
        rest = sum(group.deciders_asked for group in hidden)
        others = sum(group.asked for group in hidden) - rest
        assert rest == 0 or rest >= minimum, "the rest of the deciders follows from the sum"
        assert others == 0 or others >= minimum


def test_influence_is_told_only_where_deciders_may_be(app: Flask) -> None:
    with transaction() as session:
        write(session, [Account([DECIDER, *people(6)])], anonymity="confidential")
    groups = coverage_figures.groups(db.session(), seen(db.session()))
    assert groups[Cut.INFLUENCE] == []
    assert [group.tells_deciders for group in groups[Cut.FUNCTION]] == [False]
    assert Influence.DECIDES not in groups[Cut.FUNCTION][0].keys
