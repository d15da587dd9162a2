"""Definitions of KPIs: objections, formulas, changes, retirement, and the ready catalogue."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from surveyapp.errors import Conflict, Invalid, NotFound
from surveyapp.extensions import transaction
from surveyapp.models.audit import AuditEvent
from surveyapp.models.kpis import KpiAggregation, KpiFamily, KpiUnit
from surveyapp.services import kpi_catalogue, kpi_formulas, kpis
from surveyapp.services.editing import ChangedMeanwhile
from tests.factories import AT, make_programme
from tests.services.kpi_world import days, define, load, make_world, share


def objections(error: pytest.ExceptionInfo[Invalid]) -> dict[str, str]:
    return {problem.place: problem.message for problem in error.value.problems}


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"slug": "On-time"}, "slug", "a-z, 0-9 and _"),
        ({"slug": "period"}, "slug", "a column of observation files"),
        ({"slug": "on_time_numerator"}, "slug", "a column of observation files"),
        ({"name": " "}, "name", "1 to 300 characters"),
        ({"unit": KpiUnit.MONEY}, "currency", "as in EUR"),
        ({"unit": KpiUnit.MONEY, "currency": "EURO"}, "currency", "as in EUR"),
        ({"currency": "EUR"}, "currency", "Only money"),
        ({"target": 95.0}, "target", "Write 0.95"),
        ({"target": float("nan")}, "target", "Write a number"),
        ({"window_days": 0}, "window_days", "1 to 3650"),
        ({"half_life_days": 4000}, "half_life_days", "1 to 3650"),
        ({"source": "x" * 301}, "source", "0 to 300"),
        ({"formula": "kpi.nowhere"}, "formula", "there is no KPI nowhere in use"),
    ],
)
def test_a_definition_that_cannot_be_used_is_refused_by_field(
    app: Flask, changes: dict[str, Any], field: str, words: str
) -> None:
    with transaction() as session:
        programme = make_programme(session)
        with pytest.raises(Invalid) as refused:
            define(session, programme, replace(share(), **changes))
        assert words in objections(refused)[field]
        assert kpis.listed(session, programme) == []


def test_a_kpi_is_defined_found_listed_and_on_record(app: Flask) -> None:
    with transaction() as session:
        programme = make_programme(session)
        define(session, programme, replace(days(), family=KpiFamily.VALUE, name="  Mean  delay "))
        define(session, programme, share(target=0.9))
        assert [each.slug for each in kpis.listed(session, programme)] == ["on_time", "delay"]
        assert kpis.find(session, programme, "delay").name == "Mean delay"
        with pytest.raises(NotFound):
            kpis.find(session, programme, "delays")
        noted = session.scalars(select(AuditEvent).where(AuditEvent.action == "kpi.defined")).all()
        assert noted[1].subject == "kpi:on_time"
        assert noted[1].details["target"] == "0.9"


def test_a_short_name_is_used_once_also_by_a_retired_kpi(app: Flask) -> None:
    with transaction() as session:
        programme = make_programme(session)
        first = define(session, programme, share())
        with pytest.raises(Invalid, match="on_time") as refused:
            define(session, programme, share())
        assert "Change that one" in objections(refused)["slug"]
        kpis.retire(session, programme, first, by="test", at=AT)
        with pytest.raises(Invalid) as refused:
            define(session, programme, share())
        assert "Bring it back" in objections(refused)["slug"]
        define(session, make_programme(session, "other"), share())


def test_a_change_is_on_record_and_refused_to_who_looked_at_older_values(app: Flask) -> None:
    with transaction() as session:
        programme = make_programme(session)
        kpi = define(session, programme, share())
        before = kpis.facts_of(kpi)
        wanted = replace(before, target=0.95, half_life_days=90)
        kpis.edit(session, programme, kpi, wanted, seen=before.token, by="jo", at=AT)
        assert (kpi.target, kpi.half_life_days) == (0.95, 90)
        event = session.scalars(select(AuditEvent).order_by(AuditEvent.number.desc())).first()
        assert event is not None
        assert (event.action, event.details["target"], event.details["target was"]) == (
            "kpi.changed",
            "0.95",
            "",
        )
        with pytest.raises(ChangedMeanwhile):
            kpis.edit(
                session, programme, kpi, replace(before, name="x"), seen=before.token, by="", at=AT
            )


def test_what_stored_values_mean_cannot_be_changed(app: Flask) -> None:
    with transaction() as session:
        world = make_world(session)
        kpi = define(session, world.programme, days())
        facts = kpis.facts_of(kpi)
        load(
            session, world.programme, "kpi,buyer,supplier,period,value\ndelay,Brook,Kestrin,2025,3"
        )
        wanted = replace(
            facts, slug="d", unit=KpiUnit.COUNT, aggregation=KpiAggregation.RATE, formula="kpi.d"
        )
        with pytest.raises(Invalid) as refused:
            kpis.edit(session, world.programme, kpi, wanted, seen=facts.token, by="jo", at=AT)
        assert set(objections(refused)) == {"slug", "unit", "aggregation", "formula"}
        session.refresh(kpi)
        assert kpi.unit is KpiUnit.DAYS


def test_a_retired_kpi_is_out_of_the_list_and_comes_back(app: Flask) -> None:
    with transaction() as session:
        programme = make_programme(session)
        kpi = define(session, programme, share())
        define(session, programme, share("twice", formula="kpi.on_time * 2", is_scored=False))
        with pytest.raises(Conflict, match=r"kpi\.twice"):
            kpis.retire(session, programme, kpi, by="jo", at=AT)
        twice = kpis.find(session, programme, "twice")
        kpis.retire(session, programme, twice, by="jo", at=AT)
        kpis.retire(session, programme, kpi, by="jo", at=AT + timedelta(days=1))
        assert kpis.listed(session, programme) == []
        assert len(kpis.listed(session, programme, with_retired=True)) == 2
        with pytest.raises(Conflict, match="retired"):
            kpis.retire(session, programme, kpi, by="jo", at=AT)
        with pytest.raises(Invalid):
            kpis.restore(session, programme, twice, by="jo", at=AT)
        kpis.restore(session, programme, kpi, by="jo", at=AT)
        kpis.restore(session, programme, twice, by="jo", at=AT)
        assert [each.slug for each in kpis.listed(session, programme)] == ["on_time", "twice"]


def test_the_same_fact_cannot_inform_scores_twice(app: Flask) -> None:
    with transaction() as session:
        programme = make_programme(session)
        on_time = define(session, programme, share())
        with pytest.raises(Invalid) as refused:
            define(session, programme, share("late", formula="1 - kpi.on_time"))
        assert "kpi.on_time informs the scores already" in objections(refused)["is_scored"]
        shown = replace(kpis.facts_of(on_time), is_scored=False)
        seen = kpis.facts_of(on_time).token
        kpis.edit(session, programme, on_time, shown, seen=seen, by="jo", at=AT)
        define(session, programme, share("late", formula="1 - kpi.on_time"))
        again = replace(shown, is_scored=True)
        with pytest.raises(Invalid, match="on_time"):
            kpis.edit(session, programme, on_time, again, seen=shown.token, by="jo", at=AT)


KNOWN = {"on_time": "", "delay": "", "half": "kpi.on_time / 2", "quarter": "kpi.half / 2"}


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("kpi.on_tim + 1", "Character 1: there is no KPI on_tim in use. Did you mean on_time?"),
        ("1 + delay", "Character 5: there is no answer here, only KPIs. Write kpi.delay."),
        ("kpi.delay + contact.side", "Character 13: a formula is about KPIs alone"),
        ("kpi.delay +", "Character 12"),
        ("kpi.delay > 3", "must come to a number"),
        ("any_of(kpi.delay, ['a'])", "must come to a number"),
        ("if(kpi.delay > 3, 'late', 'fine')", "must come to a number"),
        ("1 + 1", "at least one other KPI"),
        ("kpi.quarter + 1", "kpi.on_time needs kpi.quarter needs kpi.half needs kpi.on_time"),
        ("kpi.on_time", "kpi.on_time needs kpi.on_time"),
    ],
)
def test_a_formula_is_refused_with_its_place(formula: str, words: str) -> None:
    assert words in " ".join(kpi_formulas.objections("on_time", formula, KNOWN))


@pytest.mark.parametrize(
    "formula",
    ["1 - kpi.half", "if(kpi.delay > 3, 0, kpi.half)", "min(kpi.delay, kpi.half, 1)"],
)
def test_a_formula_over_known_kpis_is_fine(formula: str) -> None:
    assert kpi_formulas.objections("new", formula, KNOWN) == []


def test_a_formula_says_nothing_when_a_part_is_missing() -> None:
    assert kpi_formulas.result("kpi.a / kpi.b", {"a": 3.0, "b": 2.0}) == 1.5
    assert kpi_formulas.result("kpi.a / kpi.b", {"a": 3.0}) is None
    assert kpi_formulas.result("kpi.a / kpi.b", {"a": 3.0, "b": 0.0}) is None
    assert kpi_formulas.result("coalesce(kpi.b, kpi.a)", {"a": 3.0}) == 3.0
    assert kpi_formulas.result("if(kpi.a > 1 or kpi.b > 1, kpi.a, 0)", {"a": 3.0}) == 3.0


def test_formulas_are_computed_behind_their_parts() -> None:
    formulas = {"c": "kpi.b + kpi.a", "b": "kpi.a * 2", "a": ""}
    assert kpi_formulas.in_order(formulas) == ["a", "b", "c"]


def test_the_catalogue_fills_every_family_and_defines_whole(app: Flask) -> None:
    ready = kpi_catalogue.catalogue()
    assert {each.facts.family for each in ready.values()} == set(KpiFamily)
    assert list(KpiFamily) == list(dict.fromkeys(each.facts.family for each in ready.values()))
    assert 30 <= len(ready) <= 40
    named_by_tiers = {"on_time", "accepted", "service_level", "growth", "joint_pipeline"}
    assert named_by_tiers | {"switch_months"} <= set(ready)
    for each in ready.values():
        assert each.meaning.endswith(".")
        assert each.how.endswith(".")
    with transaction() as session:
        programme = make_programme(session)
        for each in ready.values():
            define(session, programme, each.facts)
        assert len(kpis.listed(session, programme)) == len(ready)


def test_an_unknown_kpi_of_the_catalogue_is_refused_with_a_guess() -> None:
    with pytest.raises(NotFound, match="Did you mean on_time"):
        kpi_catalogue.find("ontime")


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("services: []", ":1:1", "There is no family services"),
        ("service: []", "", "There is no KPI in it"),
        ("service:\n  - on_time", ":2:5", "a list of keys"),
        ("service:\n  - slug: a\n    colour: red", ":3:5", "The key colour is not known"),
        ("service:\n  - slug: a\n    unit: percent", ":3:11", "unit must be one of: share"),
        ("service:\n  - slug: a\n    window_days: year", ":3:18", "window_days must be int"),
        ("service:\n  - slug: period", ":2:5", "The text name is missing"),
    ],
)
def test_a_wrong_catalogue_is_refused_with_line_and_remedy(
    tmp_path: Path, text: str, place: str, words: str
) -> None:
    path = tmp_path / "catalogue.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Invalid) as refused:
        kpi_catalogue.load(path)
    found = [problem for problem in refused.value.problems if words in problem.message]
    assert [problem.place for problem in found] == [f"{path}{place}"]


def test_a_definition_of_the_catalogue_is_checked_like_one_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.yaml"
    entry = "slug: {slug}, name: A, meaning: A., how: A., unit: share, direction: higher"
    text = "service:\n" + "".join(
        f"  - {{{entry.format(slug=slug)}, aggregation: rate}}\n" for slug in ("a", "a", "period")
    )
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Invalid) as refused:
        kpi_catalogue.load(path)
    said = [problem.message for problem in refused.value.problems]
    assert said[0] == "a stands here a second time."
    assert "observation files" in said[1]
