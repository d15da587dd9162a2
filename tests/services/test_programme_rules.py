from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from surveyapp.errors import Invalid
from surveyapp.extensions import transaction
from surveyapp.models.accounts import Function, Side
from surveyapp.models.audit import AuditEvent
from surveyapp.models.waves import WaveState
from surveyapp.services import disclosure_rules, programme_rules, waves
from surveyapp.services.editing import ChangedMeanwhile
from surveyapp.services.programme_rules import RuleFacts
from tests import factories
from tests.factories import AT, annual_survey

WANTED = RuleFacts(
    name="Key accounts",
    owner="Kestrin",
    locale="de_CH",
    data_note="",
    guard_days=30,
    buyer=(Function.PROCUREMENT, Function.IT),
    supplier=(),
)


@pytest.fixture
def app(app_on_both: Flask) -> Flask:
    return app_on_both


def test_rules_are_changed_on_record(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        programme = factories.make_programme(session)
        seen = programme_rules.facts_of(programme).token
        programme_rules.edit(session, programme, WANTED, seen=seen, by="jo", at=AT)
        assert programme_rules.expected_of(programme) == {
            Side.BUYER: (Function.PROCUREMENT, Function.IT),
            Side.SUPPLIER: (),
        }
        assert (programme.name, programme.asker, programme.locale) == (
            "Key accounts",
            "Kestrin",
            "de-CH",
        )
        event = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "programme.changed")
        ).one()
        assert event.details["guard_days"] == "30"
        assert event.details["guard_days was"] == "90"
        assert event.details["buyer"] == "procurement, it"
        other = RuleFacts(**{**WANTED.as_mapping(), "guard_days": 5})
        with pytest.raises(ChangedMeanwhile):
            programme_rules.edit(session, programme, other, seen=seen, by="mo", at=AT)
        assert programme.guard_days == 30


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "  "}, "name"),
        ({"owner": "x" * 301}, "owner"),
        ({"locale": "klingonian"}, "locale"),
        ({"guard_days": -1}, "guard_days"),
        ({"guard_days": 5000}, "guard_days"),
        ({"minimum_confidential": 2}, "minimum_confidential"),
        ({"minimum_anonymous": 4}, "minimum_anonymous"),
        ({"minimum_comments": 51}, "minimum_comments"),
    ],
)
def test_a_rule_that_cannot_be_used_names_its_field(
    app: Flask, change: dict[str, object], field: str
) -> None:
    with app.app_context(), transaction() as session:
        programme = factories.make_programme(session)
        seen = programme_rules.facts_of(programme).token
        wrong = RuleFacts(**{**WANTED.as_mapping(), **change})
        with pytest.raises(Invalid) as refused:
            programme_rules.edit(session, programme, wrong, seen=seen, by="jo", at=AT)
        assert [problem.place for problem in refused.value.problems] == [field]
        session.rollback()


def test_a_stricter_rule_holds_for_every_wave_and_a_milder_one_for_later_waves(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        programme = factories.make_programme(session)
        survey = annual_survey({"anonymity": "confidential"})
        told, drafted = (
            factories.make_wave(session, programme, survey, slug=slug)
            for slug in ("told", "drafted")
        )
        told.state, told.launched_at = WaveState.OPEN, AT
        session.flush()

        def minimums(**change: int) -> list[int]:
            facts = programme_rules.facts_of(programme)
            wanted = replace(facts, **change)
            programme_rules.edit(session, programme, wanted, seen=facts.token, by="jo", at=AT)
            session.expire_all()
            return [
                disclosure_rules.people(waves.load(session, each.id)) for each in (told, drafted)
            ]

        assert minimums() == [3, 3]
        assert minimums(minimum_confidential=6, minimum_comments=9) == [6, 6]
        assert minimums(minimum_confidential=4) == [6, 4]
        assert disclosure_rules.of_wave(waves.load(session, drafted.id)).comments == 9
        last = select(AuditEvent).order_by(AuditEvent.number.desc())
        event = session.scalars(last).first()
        assert event is not None
        assert event.details == {"minimum_confidential": "4", "minimum_confidential was": "6"}
