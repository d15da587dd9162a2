"""Reference sets as a programme manages them: listed, imported, retired. None is ever edited."""

import hashlib
import json
import math
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyapp.errors import Conflict, ImportRefused, NotFound, Problem
from surveyapp.models.definitions import QuestionnaireVersion
from surveyapp.models.programmes import Programme
from surveyapp.models.results import ReferenceOrigin, ReferenceSet
from surveyapp.models.waves import Wave
from surveyapp.questionnaires.loading import from_canonical_json
from surveyapp.services import audit, plans, reference_files

ENOUGH_FOR_SPREADS: Final = 100
ENOUGH_FOR_TAILS: Final = 300


@dataclass(frozen=True, slots=True)
class Line:
    """One set as a list shows it."""

    reference: ReferenceSet
    wave_name: str
    is_in_force: bool
    """The next run of its view is read against it, if it knows the questionnaire's dimensions."""

    @property
    def is_retired(self) -> bool:
        """Tell whether no new run uses it."""
        return self.reference.retired_at is not None

    @property
    def tells(self) -> str:
        """Say what so many relationships tell: ``means``, ``spreads`` or ``tails``."""
        if self.reference.relationships >= ENOUGH_FOR_TAILS:
            return "tails"
        return "spreads" if self.reference.relationships >= ENOUGH_FOR_SPREADS else "means"


@dataclass(frozen=True, slots=True)
class Dimension:
    """What a set says of one dimension, in points."""

    dimension: str
    mean: float
    spread: float
    """Standard deviation of true scores over relationships."""
    within: float
    """Standard deviation of people around their relationship."""
    reliability: float
    """ICC(1,n) at as many answers as each of its relationships had."""


def dimensions(reference: ReferenceSet) -> list[Dimension]:
    """Return what a set says, dimension by dimension."""
    content = reference.content
    found = []
    for place, dimension in enumerate(content["dimensions"]):
        true, people = content["between"][place][place], content["within"][place][place]
        found.append(
            Dimension(
                dimension=dimension,
                mean=content["mean"][place],
                spread=math.sqrt(true),
                within=math.sqrt(people),
                reliability=true / (true + people / content["answers_each"]),
            )
        )
    return found


def lines(session: Session, programme: Programme) -> list[Line]:
    """Return every set, newest first within its view."""
    found = session.scalars(
        select(ReferenceSet)
        .where(ReferenceSet.programme_id == programme.id)
        .order_by(ReferenceSet.view, ReferenceSet.frozen_at.desc(), ReferenceSet.id)
    ).all()
    waves = {each.wave_id for each in found if each.wave_id}
    names = {
        row.id: row.name
        for row in session.execute(select(Wave.id, Wave.name).where(Wave.id.in_(waves)))
    }
    seen, made = set(), []
    for each in found:
        is_newest = each.retired_at is None and each.view not in seen
        if is_newest:
            seen.add(each.view)
        wave = names[each.wave_id] if each.wave_id else ""
        made.append(Line(each, wave, is_newest))
    return made


def find(session: Session, programme: Programme, name: str) -> list[ReferenceSet]:
    """Return the sets of this name, one for each view it has. Raises NotFound."""
    found = session.scalars(
        select(ReferenceSet)
        .where(ReferenceSet.programme_id == programme.id, ReferenceSet.name == name)
        .order_by(ReferenceSet.view)
    ).all()
    if not found:
        raise NotFound(f"There is no reference set {name} in programme {programme.slug}.")
    return list(found)


def by_id(session: Session, programme: Programme, reference_id: uuid.UUID) -> ReferenceSet:
    """Return a programme's set. Raises NotFound."""
    found = session.get(ReferenceSet, reference_id)
    if found is None or found.programme_id != programme.id:
        raise NotFound("There is no such reference set.")
    return found


def import_set(
    session: Session, programme: Programme, text: str, *, place: str, by: str, at: datetime
) -> ReferenceSet:
    """Freeze a set that was estimated elsewhere; runs made from now on are read against it.

    Raises
    ------
    ImportRefused
        With every problem and its place; nothing is kept.
    """
    given, problems = reference_files.read(text, place)
    audit.take_turn(session, programme.id)
    if given is not None:
        problems += _hindrances(session, programme, given, place)
    if given is None or problems:
        raise ImportRefused("The reference set was not imported.", problems)
    content = given.content()
    made = ReferenceSet(
        id=uuid.uuid4(),
        programme_id=programme.id,
        name=given.name,
        view=given.view,
        origin=ReferenceOrigin.IMPORTED,
        relationships=given.relationships,
        content=content,
        content_hash=content_hash(content),
        frozen_at=at,
        by=by,
    )
    session.add(made)
    session.flush()
    audit.record(
        session,
        programme,
        "reference-set.imported",
        subject=f"reference:{made.name}",
        by=by,
        at=at,
        view=made.view.value,
        relationships=made.relationships,
        content=made.content_hash,
    )
    return made


def _hindrances(
    session: Session, programme: Programme, given: reference_files.Given, place: str
) -> list[Problem]:
    taken = session.scalars(
        select(ReferenceSet.id).where(
            ReferenceSet.programme_id == programme.id,
            ReferenceSet.view == given.view,
            ReferenceSet.name == given.name,
        )
    ).first()
    problems = []
    if taken:
        told = (
            f"There is a set {given.name} of this view already, and no set is ever edited. Choose"
            " another name, such as one with a year."
        )
        problems.append(Problem(f"{place}: name", told))
    lacking = _lacking(session, programme, given)
    if lacking:
        told = (
            f"No questionnaire of the programme could be read against it: it lacks"
            f" {', '.join(lacking)}. Add these, or leave the import."
        )
        problems.append(Problem(f"{place}: dimensions", told))
    return problems


def _lacking(session: Session, programme: Programme, given: reference_files.Given) -> Sequence[str]:
    """Return what the set lacks for the questionnaire it comes nearest to; nothing if one fits."""
    versions = session.scalars(
        select(QuestionnaireVersion).where(QuestionnaireVersion.programme_id == programme.id)
    )
    nearest: Sequence[str] | None = None
    for version in versions:
        q = from_canonical_json(version.canonical_json)
        plan = plans.plan_of(q) if given.view.value in q.views else None
        if plan is None:
            continue
        lacking = sorted({each.id for each in plan.dimensions} - set(given.dimensions))
        if nearest is None or len(lacking) < len(nearest):
            nearest = lacking
    return nearest or ()


def retire(session: Session, reference: ReferenceSet, *, by: str, at: datetime) -> None:
    """Let no new run be read against a set; runs made with it stay as they are.

    Raises
    ------
    Conflict
        It is retired already.
    """
    programme = session.get_one(Programme, reference.programme_id)
    audit.take_turn(session, programme.id)
    session.refresh(reference)
    if reference.retired_at is not None:
        raise Conflict(f"The reference set {reference.name} is retired already.")
    reference.retired_at = at
    audit.record(
        session,
        programme,
        "reference-set.retired",
        subject=f"reference:{reference.name}",
        by=by,
        at=at,
        view=reference.view.value,
    )


def content_hash(content: Mapping[str, Any]) -> str:
    """Hash what a set holds."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
