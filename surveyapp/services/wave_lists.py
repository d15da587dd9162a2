"""Who a wave asks: the rule an owner sets, and who of those it names is left off."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, Self, assert_never

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    func,
    or_,
    select,
    true,
    type_coerce,
)
from sqlalchemy.orm import aliased

from surveyapp.models.accounts import Contact, Function, Influence, Relationship, Side, Stakeholder
from surveyapp.models.base import enum_by_value
from surveyapp.models.invitations import Invitation, OmissionReason
from surveyapp.models.waves import View, Wave

_UNDER_WAY: Final = timedelta(hours=1)
"""A launch that has not come to its end by then asked nobody: no mail goes before the last chunk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Whom a wave asks, of the side its view asks. What is left empty means all."""

    segments: tuple[str, ...] = ()
    product_lines: tuple[str, ...] = ()
    service_teams: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    minimum_value: Decimal | None = None
    """A year, each relationship in its own currency; one without a value is left out."""
    functions: tuple[Function, ...] = ()
    influences: tuple[Influence, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Write the rule for ``Wave.list_rule``; what means all is left out."""
        stored: dict[str, Any] = {
            name: list(wanted) for name in _MANY if (wanted := getattr(self, name))
        }
        if self.minimum_value is not None:
            stored["minimum_value"] = str(self.minimum_value)
        return stored

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what ``as_json`` wrote; rows of the first release, which asked all, read as all."""
        minimum = stored.get("minimum_value")
        return cls(
            segments=tuple(stored.get("segments", ())),
            product_lines=tuple(stored.get("product_lines", ())),
            service_teams=tuple(stored.get("service_teams", ())),
            regions=tuple(stored.get("regions", ())),
            minimum_value=None if minimum is None else Decimal(minimum),
            functions=tuple(Function(each) for each in stored.get("functions", ())),
            influences=tuple(Influence(each) for each in stored.get("influences", ())),
        )

    def frozen(self, *, side: Side, on: date) -> dict[str, Any]:
        """Write the rule as a launch freezes it: with the side asked and the day."""
        return {**self.as_json(), "side": side.value, "on": on.isoformat()}


_MANY: Final = (
    *("segments", "product_lines", "service_teams", "regions"),
    *("functions", "influences"),
)


def side_of(view: View) -> Side:
    """Return the side whose people are asked in this view."""
    match view:
        case View.BUYER_ON_SUPPLIER:
            return Side.BUYER
        case View.SUPPLIER_ON_BUYER | View.SUPPLIER_ON_ITSELF:
            return Side.SUPPLIER
        case _:
            assert_never(view)


def relationships_named(
    programme_id: uuid.UUID, rule: Rule, *, but_minimum: bool = False
) -> ColumnElement[bool]:
    """Say which relationships a rule names; ``but_minimum`` leaves its smallest value aside."""
    asked = [
        Relationship.programme_id == programme_id,
        _among(Relationship.segment, rule.segments),
        _among(Relationship.product_line, rule.product_lines),
        _among(Relationship.service_team, rule.service_teams),
        _among(Relationship.region, rule.regions),
    ]
    if rule.minimum_value is not None and not but_minimum:
        asked.append(Relationship.annual_value >= rule.minimum_value)
    return and_(*asked)


def narrows_relationships(rule: Rule) -> bool:
    """Tell whether a rule names some relationships only."""
    return rule.minimum_value is not None or any(
        (rule.segments, rule.product_lines, rule.service_teams, rule.regions)
    )


def stands_there(programme_id: uuid.UUID, *, side: Side, on: date) -> ColumnElement[bool]:
    """Say which parts are on that side and run on that day, whatever the rule."""
    return and_(Stakeholder.programme_id == programme_id, _runs(side, on))


def _runs(side: Side, on: date) -> ColumnElement[bool]:
    return and_(
        Stakeholder.side == side,
        or_(Stakeholder.from_on.is_(None), Stakeholder.from_on <= on),
        or_(Stakeholder.until_on.is_(None), Stakeholder.until_on >= on),
    )


def plays_named_part(rule: Rule) -> ColumnElement[bool]:
    """Say which parts have a function and an influence the rule names."""
    return and_(
        _among(Stakeholder.function, rule.functions),
        _among(Stakeholder.influence, rule.influences),
    )


def parts_named(
    programme_id: uuid.UUID, rule: Rule, *, side: Side, on: date
) -> ColumnElement[bool]:
    """Say which stakeholders' parts a rule names on a day."""
    named = and_(stands_there(programme_id, side=side, on=on), plays_named_part(rule))
    if not narrows_relationships(rule):
        return named
    return and_(
        named,
        exists().where(
            Relationship.id == Stakeholder.relationship_id, relationships_named(programme_id, rule)
        ),
    )


def omission_of(wave: Wave, *, launched_at: datetime, at: datetime) -> ColumnElement[Any]:
    """Say why a contact whom the rule names is left off a launch, as seen at ``at``; null: asked."""
    return type_coerce(
        case(
            (Contact.opted_out_at.is_not(None), OmissionReason.OPTED_OUT.value),
            (Contact.bounced_at.is_not(None), OmissionReason.BOUNCED.value),
            (_was_asked_lately(wave, launched_at, at), OmissionReason.ASKED_LATELY.value),
        ),
        enum_by_value(OmissionReason),
    )


def is_left_off(wave: Wave, *, launched_at: datetime, at: datetime) -> ColumnElement[bool]:
    """Say of whom ``omission_of`` gives a reason, in terms whose share a database can estimate.

    Of a CASE it expects next to nobody, and then looks up a hundred thousand people one by one.
    """
    return or_(
        Contact.opted_out_at.is_not(None),
        Contact.bounced_at.is_not(None),
        _was_asked_lately(wave, launched_at, at),
    )


def would_be_asked(wave: Wave, *, launched_at: datetime, at: datetime) -> ColumnElement[bool]:
    """Say of whom ``omission_of`` gives no reason, in such terms."""
    return and_(
        Contact.opted_out_at.is_(None),
        Contact.bounced_at.is_(None),
        ~_was_asked_lately(wave, launched_at, at),
    )


def counts_as_asked(
    other: type[Wave], wave: Wave, *, launched_at: datetime, at: datetime
) -> ColumnElement[bool]:
    """Say which other waves asked so lately that the guard holds: opened, or about to be.

    Days are counted, not hours: with 90 days somebody asked on 1 March may be asked on 30 May.
    """
    first_day = launched_at.astimezone(UTC).date() - timedelta(days=wave.guard_days - 1)
    return and_(
        other.programme_id == wave.programme_id,
        other.id != wave.id,
        other.launched_at >= datetime.combine(first_day, time(), UTC),
        or_(other.opened_at.is_not(None), other.launched_at > at - _UNDER_WAY),
    )


def is_on_list(wave: Wave) -> ColumnElement[bool]:
    """Say which stakeholders' parts are asked, by the rule frozen at launch.

    A part recorded after the launch is not: the list is who stood there when it was pressed.
    """
    frozen = wave.list_rule
    named = parts_named(
        wave.programme_id,
        Rule.from_json(frozen),
        side=Side(frozen["side"]),
        on=date.fromisoformat(frozen["on"]),
    )
    return and_(named, Stakeholder.created_at <= wave.launched_at)


def is_on_list_of_one(wave: Wave) -> ColumnElement[bool]:
    """Say the same of the parts of contacts that the query names: by look-ups, never by a scan.

    PostgreSQL has no statistics of a programme imported a moment ago and would read all of it for
    each contact; so it is not told the programme, which follows from the contact.
    """
    rule = Rule.from_json(wave.list_rule)
    side, on = Side(wave.list_rule["side"]), date.fromisoformat(wave.list_rule["on"])
    wanted = [
        _runs(side, on),
        plays_named_part(rule),
        Stakeholder.created_at <= wave.launched_at,
    ]
    if narrows_relationships(rule):
        named = select(Relationship.id).where(
            Relationship.id == Stakeholder.relationship_id,
            relationships_named(wave.programme_id, rule),
        )
        wanted.append(is_found(named.correlate(Stakeholder)))
    return and_(*wanted)


def is_found(query: Select[uuid.UUID]) -> ColumnElement[bool]:
    """Say that a correlated query finds a row; unlike EXISTS it is never turned into a join."""
    return query.limit(1).scalar_subquery().is_not(None)


def is_named(wave: Wave) -> ColumnElement[bool]:
    """Say which contacts a launched wave's rule names, asked or left off."""
    part = exists().where(Stakeholder.contact_id == Contact.id, is_on_list(wave))
    return and_(Contact.programme_id == wave.programme_id, part.correlate(Contact))


def is_asked(wave: Wave) -> ColumnElement[bool]:
    """Say which contacts a launched wave asks, as things stood at its launch."""
    at = wave.launched_at
    if at is None:
        raise ValueError(f"Wave {wave.slug} was not launched: it has no list yet.")
    return and_(is_named(wave), omission_of(wave, launched_at=at, at=at).is_(None))


def people_asked(wave: Wave) -> Select[int]:
    """Count the contacts a launched wave asks or is about to ask, as things stood at its launch."""
    return select(func.count(Contact.id)).where(is_asked(wave))


def why_nobody(wave: Wave, programme_name: str, *, is_everybody_left_off: bool) -> str:
    """Say why a wave has nobody to ask, and what to do."""
    if is_everybody_left_off:
        return (
            f"Everybody {wave.slug or 'this wave'} would ask is left off: opted out, with an address"
            " that bounced, or asked lately in another wave. So there is nobody to ask."
        )
    is_narrowed = Rule.from_json(wave.list_rule) != Rule()
    where = "any of the relationships chosen" if is_narrowed else "any relationship"
    return (
        f"Nobody stands on the {side_of(wave.view)} side of {where} in {programme_name} now, so there"
        f" is nobody to ask. {'Choose more of them, or import' if is_narrowed else 'Import'}"
        " stakeholders first."
    )


def _was_asked_lately(wave: Wave, launched_at: datetime, at: datetime) -> ColumnElement[bool]:
    other = aliased(Wave)
    # which waves once, then one look for each person: most often there are none
    lately = select(other.id).where(counts_as_asked(other, wave, launched_at=launched_at, at=at))
    return (
        exists()
        .where(Invitation.contact_id == Contact.id, Invitation.wave_id.in_(lately))
        .correlate(Contact)
    )


def _among(column: Any, wanted: Iterable[Any]) -> ColumnElement[bool]:  # noqa: ANN401 any mapped column
    values = list(wanted)
    return column.in_(values) if values else true()
