"""Definitions of KPIs: made, changed, retired. Runs keep the definition they used."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from surveyapp.errors import Conflict, Invalid, NotFound, Problem
from surveyapp.models.kpis import KpiAggregation, KpiDefinition, KpiFamily, KpiObservation
from surveyapp.models.programmes import Programme
from surveyapp.services import audit, editing, kpi_formulas
from surveyapp.services.editing import as_text, wrong
from surveyapp.services.kpi_definitions import KpiFacts, facts_of, problems_of

__all__ = ["KpiFacts", "create", "edit", "facts_of", "find", "listed", "restore", "retire"]


def listed(
    session: Session, programme: Programme, *, with_retired: bool = False
) -> list[KpiDefinition]:
    """Return the KPIs of a programme in the order of families, then by name."""
    query = select(KpiDefinition).where(KpiDefinition.programme_id == programme.id)
    if not with_retired:
        query = query.where(KpiDefinition.retired_at.is_(None))
    families = list(KpiFamily)
    return sorted(
        session.scalars(query),
        key=lambda each: (families.index(each.family), each.name.casefold(), each.slug),
    )


def find(session: Session, programme: Programme, slug: str) -> KpiDefinition:
    """Return a KPI, a retired one too. Raises NotFound."""
    definition = session.scalars(
        select(KpiDefinition).where(
            KpiDefinition.programme_id == programme.id, KpiDefinition.slug == slug
        )
    ).first()
    if definition is None:
        raise NotFound(f"There is no KPI {slug!r}.")
    return definition


def create(
    session: Session, programme: Programme, facts: KpiFacts, *, by: str, at: datetime
) -> KpiDefinition:
    """Define a KPI.

    Raises
    ------
    Invalid
        With an objection for each field that cannot be used, a short name that is taken included.
    """
    audit.take_turn(session, programme.id)
    wanted = _tidied(facts)
    found = problems_of(wanted)
    taken = session.scalars(
        select(KpiDefinition).where(
            KpiDefinition.programme_id == programme.id, KpiDefinition.slug == wanted.slug
        )
    ).first()
    if taken is not None:
        remedy = "Bring it back" if taken.retired_at else "Change that one"
        found.append(
            Problem("slug", f"There is a KPI {wanted.slug} already. {remedy}, or choose another.")
        )
    _refuse(wanted, [*found, *_about_formula(session, programme, wanted)])
    definition = KpiDefinition(
        programme_id=programme.id, created_at=at, retired_at=None, **wanted.as_mapping()
    )
    session.add(definition)
    session.flush()
    details = {name: as_text(fact) for name, fact in wanted.as_mapping().items()}
    _note(session, programme, definition, "kpi.defined", by=by, at=at, details=details)
    return definition


def edit(
    session: Session,
    programme: Programme,
    definition: KpiDefinition,
    wanted: KpiFacts,
    *,
    seen: str,
    by: str,
    at: datetime,
) -> None:
    """Change a KPI; ``seen`` is the token of what whoever asks looked at.

    Raises
    ------
    ChangedMeanwhile
        Somebody else changed it since.
    Invalid
        A field that cannot be used, or one that observations already depend on.
    """
    audit.take_turn(session, programme.id)
    session.refresh(definition)
    _require_in_use(definition)
    stored, wanted = facts_of(definition), _tidied(wanted)
    changed = editing.changes(stored, wanted, seen=seen)
    if not changed:
        return
    found = [*problems_of(wanted), *_about_formula(session, programme, wanted)]
    found += _about_stored(session, definition, changed)
    _refuse(wanted, found)
    for name, (_before, after) in changed.items():
        setattr(definition, name, after)
    session.flush()
    details = editing.on_record(changed)
    _note(session, programme, definition, "kpi.changed", by=by, at=at, details=details)


def retire(
    session: Session, programme: Programme, definition: KpiDefinition, *, by: str, at: datetime
) -> None:
    """Stop using a KPI. Its observations stay; it is neither imported, shown nor scored.

    Raises
    ------
    Conflict
        It is retired already, or a formula needs it.
    """
    audit.take_turn(session, programme.id)
    session.refresh(definition)
    _require_in_use(definition)
    users = kpi_formulas.users_of(definition.slug, _formulas(session, programme))
    if users:
        named = ", ".join(f"kpi.{user}" for user in users)
        raise Conflict(
            f"kpi.{definition.slug} is part of the formula of {named}. Change or retire that first."
        )
    definition.retired_at = at
    session.flush()
    _note(session, programme, definition, "kpi.retired", by=by, at=at, details={})


def restore(
    session: Session, programme: Programme, definition: KpiDefinition, *, by: str, at: datetime
) -> None:
    """Use a retired KPI again.

    Raises
    ------
    Conflict
        It is in use.
    Invalid
        Its formula needs a KPI that is not.
    """
    audit.take_turn(session, programme.id)
    session.refresh(definition)
    if definition.retired_at is None:
        raise Conflict(f"kpi.{definition.slug} is in use.")
    facts = facts_of(definition)
    _refuse(facts, _about_formula(session, programme, facts))
    definition.retired_at = None
    session.flush()
    _note(session, programme, definition, "kpi.restored", by=by, at=at, details={})


def _tidied(facts: KpiFacts) -> KpiFacts:
    """Trim what was typed."""
    return replace(
        facts,
        slug=facts.slug.strip(),
        name=" ".join(facts.name.split()),
        currency=facts.currency.strip().upper(),
        source=" ".join(facts.source.split()),
        formula=" ".join(facts.formula.split()),
        target=None if facts.target is None else float(facts.target),
    )


def _refuse(facts: KpiFacts, problems: Collection[Problem]) -> None:
    if problems:
        raise Invalid(f"The KPI {facts.slug or facts.name!r} cannot be used so.", sorted(problems))


def _require_in_use(definition: KpiDefinition) -> None:
    if definition.retired_at is not None:
        raise Conflict(f"kpi.{definition.slug} is retired. Bring it back first.")


def _in_use(session: Session, programme: Programme) -> dict[str, KpiDefinition]:
    return {each.slug: each for each in listed(session, programme)}


def _formulas(session: Session, programme: Programme) -> dict[str, str]:
    return {slug: each.formula for slug, each in _in_use(session, programme).items()}


def _about_formula(session: Session, programme: Programme, facts: KpiFacts) -> list[Problem]:
    """Object to a formula, and to counting the same facts twice in the state."""
    others = _in_use(session, programme)
    formulas = {slug: each.formula for slug, each in others.items()}
    if not facts.formula:
        return _about_users(facts, others) if facts.is_scored else []
    said = kpi_formulas.objections(facts.slug, facts.formula, formulas)
    if said:
        return [Problem("formula", message) for message in said]
    doubled = [part for part in kpi_formulas.parts_of(facts.formula) if others[part].is_scored]
    if facts.is_scored and doubled:
        return [_doubled(doubled)]
    return []


def _about_users(facts: KpiFacts, others: Mapping[str, KpiDefinition]) -> list[Problem]:
    formulas = {slug: each.formula for slug, each in others.items()}
    users = [slug for slug in kpi_formulas.users_of(facts.slug, formulas) if others[slug].is_scored]
    return [_doubled(users)] if users else []


def _doubled(slugs: Collection[str]) -> Problem:
    named = ", ".join(f"kpi.{slug}" for slug in slugs)
    return Problem(
        "is_scored",
        f"{named} informs the scores already, and this KPI says the same again: it would count"
        " twice. Let only one of them inform the scores.",
    )


def _about_stored(
    session: Session, definition: KpiDefinition, changed: Mapping[str, object]
) -> list[Problem]:
    """Object to changes that would give stored values another meaning."""
    fixed = [name for name in ("unit", "currency", "formula") if name in changed]
    problems = []
    if "slug" in changed:
        problems.append(wrong("slug", "The short name stays: formulas and conditions use it."))
    of_this = KpiObservation.definition_id == definition.id
    if fixed and session.scalar(select(exists().where(of_this))):
        problems += [
            wrong(name, "Observations are stored, and would mean something else. Define a new KPI.")
            for name in fixed
        ]
    now_rate = changed.get("aggregation")
    if isinstance(now_rate, tuple) and now_rate[1] == KpiAggregation.RATE:
        bare = exists().where(of_this, KpiObservation.denominator.is_(None))
        if session.scalar(select(bare)):
            message = (
                "Some observations have no denominator, so there is no rate. Define a new KPI."
            )
            problems.append(wrong("aggregation", message))
    return [problem for each in problems for problem in each.problems]


def _note(
    session: Session,
    programme: Programme,
    definition: KpiDefinition,
    action: str,
    *,
    by: str,
    at: datetime,
    details: Mapping[str, str],
) -> None:
    audit.record(
        session, programme, action, subject=f"kpi:{definition.slug}", by=by, at=at, **details
    )
