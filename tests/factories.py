"""The things a programme is made of, as rows: plain functions, each test builds what it needs."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from surveyapp.models.accounts import (
    Contact,
    Function,
    Influence,
    Organisation,
    Relationship,
    Side,
    Stakeholder,
)
from surveyapp.models.programmes import Programme
from surveyapp.models.waves import View, Wave
from surveyapp.questionnaires import catalogue
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.services import definitions, programmes, waves
from surveyapp.services.wave_lists import Rule

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
"""A Monday morning, for tests that need no other time."""
EVERYBODY = Rule()


def make_programme(session: Session, slug: str = "kestrin", *, at: datetime = AT) -> Programme:
    return programmes.create(
        session,
        slug=slug,
        name="Kestrin key accounts",
        locale="en",
        data_note="Sample data",
        by="test",
        at=at,
    )


def make_organisation(
    session: Session, programme: Programme, name: str, *, at: datetime = AT
) -> Organisation:
    organisation = Organisation(programme_id=programme.id, reference=name, name=name, created_at=at)
    session.add(organisation)
    session.flush()
    return organisation


def make_relationship(
    session: Session,
    buyer: Organisation,
    supplier: Organisation,
    *,
    segment: str = "",
    product_line: str = "",
    region: str = "",
    annual_value: Decimal | None = None,
    at: datetime = AT,
) -> Relationship:
    relationship = Relationship(
        programme_id=buyer.programme_id,
        buyer_id=buyer.id,
        supplier_id=supplier.id,
        segment=segment,
        product_line=product_line,
        region=region,
        annual_value=annual_value,
        currency="" if annual_value is None else "EUR",
        created_at=at,
    )
    session.add(relationship)
    session.flush()
    return relationship


def make_contact(
    session: Session,
    organisation: Organisation,
    name: str,
    *,
    locale: str = "en",
    opted_out_at: datetime | None = None,
    at: datetime = AT,
) -> Contact:
    contact = Contact(
        programme_id=organisation.programme_id,
        organisation_id=organisation.id,
        email=f"{name.replace(' ', '.').lower()}@example.com",
        name=name,
        locale=locale,
        opted_out_at=opted_out_at,
        created_at=at,
    )
    session.add(contact)
    session.flush()
    return contact


def make_part(
    session: Session,
    contact: Contact,
    relationship: Relationship,
    *,
    side: Side = Side.BUYER,
    function: Function = Function.PROCUREMENT,
    influence: Influence = Influence.DECIDES,
    from_on: date | None = None,
    until_on: date | None = None,
    at: datetime = AT,
) -> Stakeholder:
    part = Stakeholder(
        programme_id=contact.programme_id,
        contact_id=contact.id,
        relationship_id=relationship.id,
        side=side,
        function=function,
        influence=influence,
        from_on=from_on,
        until_on=until_on,
        created_at=at,
    )
    session.add(part)
    session.flush()
    return part


def make_wave(
    session: Session,
    programme: Programme,
    definition: Questionnaire,
    *,
    slug: str = "autumn",
    view: View = View.BUYER_ON_SUPPLIER,
    at: datetime = AT,
    closes_in: timedelta = timedelta(days=20),
    guard_days: int | None = None,
    rule: Rule = EVERYBODY,
) -> Wave:
    version = definitions.publish(session, programme, definition, by="test", at=at)
    return waves.create(
        session,
        programme,
        slug=slug,
        name=slug.capitalize(),
        view=view,
        version=version,
        closes_at=at + closes_in,
        guard_days=guard_days,
        rule=rule,
        by="test",
        at=at,
    )


def annual_survey(changes: Mapping[str, Any] | None = None) -> Questionnaire:
    """The bundled survey of nine ratings, with other settings where a test needs them."""
    bundled = catalogue.find("annual-customer-survey")
    plain = json.loads(bundled.model_dump_json(by_alias=True, exclude_defaults=True))
    return Questionnaire.model_validate_json(json.dumps({**plain, **(changes or {})}))
