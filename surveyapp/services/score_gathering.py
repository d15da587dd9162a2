"""From the database to a run's input: last revisions, facts and references, read once."""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from surveyapp.errors import Invalid
from surveyapp.models.accounts import Function, Side, Stakeholder
from surveyapp.models.invitations import Assignment
from surveyapp.models.waves import Wave
from surveyapp.scoring.norms import CUT_SETS
from surveyapp.services import (
    definitions,
    kpi_state,
    plans,
    rules_in_force,
    score_answers,
    score_entries,
    score_references,
    score_rounds,
    stakeholders,
)
from surveyapp.services.score_bundles import METHOD, MISSING, NOBODY, Bundle, Cuts, Table
from surveyapp.services.score_entries import Entry, Layer
from surveyapp.services.score_rounds import Asked

_FUNCTIONS: Final = [each.value for each in Function]
_RATER: Final = 3
"""Relationships somebody rates from which their own leniency is estimated."""


def gather(session: Session, wave: Wave, *, known_at: datetime) -> Bundle:
    """Collect all that a buyers' wave is scored from, as known at a moment, reading only.

    Raises
    ------
    Invalid
        The questionnaire is not scored, or answers were encoded by another plan.
    """
    layers = score_rounds.of(session, wave)
    if not layers:
        questionnaire = definitions.load(wave.questionnaire_version, "")
        why = plans.why_no_score(questionnaire) or f"{questionnaire.id} has nothing to score."
        raise Invalid(f"Wave {wave.slug}: {why}")
    relationships = sorted(
        session.scalars(
            select(Assignment.relationship_id).where(Assignment.wave_id == wave.id).distinct()
        )
    )
    own = _Published(layers[0].layer.seq, _cut_set(layers[0]))
    published = _ruled(session, layers[0], known_at) or own
    described = [
        replace(layers[0].layer, seq=published.seq),
        *(each.layer for each in layers[1:]),
    ]
    entries = score_entries.entries(described)
    rows = _Rows.empty(entries, described, capacity=score_answers.count(session, layers))
    place = {relationship: position for position, relationship in enumerate(relationships)}
    for asked in layers:
        _read(session, asked, rows, place)
    on = _facts_on(wave)
    facts = kpi_state.observations(session, wave.programme, relationships, on=on, known_at=known_at)
    return Bundle(
        method=METHOD,
        cut_set=published.cut_set,
        wave=wave.name,
        on=on.isoformat(),
        layers=described,
        entries=entries,
        seq=described[0].seq,
        references=score_references.in_force(session, wave, described),
        relationships=[str(relationship) for relationship in relationships],
        known_people=_known_people(session, wave, relationships),
        functions=_FUNCTIONS,
        facts=facts.as_json() if facts.entries or facts.left_out else None,
        rule=published.rule,
        **rows.sorted(),
    )


def _known_people(session: Session, wave: Wave, relationships: Sequence[uuid.UUID]) -> list[int]:
    """Count who had a part at the buyer when the wave opened, and at least who was asked."""
    opened = wave.opened_at.date() if wave.opened_at else wave.last_day
    parts = (
        select(Stakeholder.relationship_id, func.count(Stakeholder.contact_id.distinct()))
        .where(
            Stakeholder.programme_id == wave.programme_id,
            Stakeholder.side == Side.BUYER,
            stakeholders.runs(opened),
        )
        .group_by(Stakeholder.relationship_id)
    )
    asked = (
        select(Assignment.relationship_id, func.count())
        .where(Assignment.wave_id == wave.id)
        .group_by(Assignment.relationship_id)
    )
    there = {row[0]: row[1] for row in session.execute(parts)}
    invited = {row[0]: row[1] for row in session.execute(asked)}
    return [max(there.get(each, 0), invited.get(each, 0)) for each in relationships]


def _facts_on(wave: Wave) -> date:
    """Facts are read as of the day the asking ended."""
    if wave.closed_at is None:
        raise Invalid(f"Wave {wave.slug} is {wave.state}. Close it before it is scored.")
    return wave.last_day


@dataclass(frozen=True, slots=True)
class _Published:
    """By which weights and cuts a run is made."""

    seq: dict[str, float]
    cut_set: Cuts
    rule: str = ""


def _ruled(session: Session, asked: Asked, known_at: datetime) -> _Published | None:
    """Return what was approved for the questionnaire, where this version has these dimensions."""
    wave, questionnaire = asked.wave, asked.questionnaire
    rule = rules_in_force.at_moment(session, wave.programme, questionnaire.id, at=known_at)
    engagement = {each["id"] for each in asked.layer.dimensions if each["kind"] == "engagement"}
    if rule is None or not rule.weights.keys() <= engagement:
        return None
    built_in = CUT_SETS.get(rule.cut_name)
    cuts = list(built_in.cuts if built_in else rule.cuts)
    return _Published(
        seq=dict(rule.weights),
        cut_set=Cuts(name=rule.cut_name, version=rule.cut_version, cuts=cuts),
        rule=f"{rule.questionnaire_id} rule {rule.number}",
    )


def _cut_set(asked: Asked) -> Cuts:
    scoring = asked.questionnaire.scoring
    if scoring is None:
        raise Invalid(f"The questionnaire {asked.layer.questionnaire} has no scoring.")
    found = CUT_SETS[scoring.levels.cuts]
    return Cuts(name=found.name, version=found.version, cuts=list(found.cuts))


@dataclass(slots=True)
class _Rows:
    """The tables while they grow: one row for each person and relationship."""

    layers: list[Layer]
    vectors: Table
    items: Table
    relationship: list[int] = field(default_factory=list)
    function: list[int] = field(default_factory=list)
    person: list[int | None] = field(default_factory=list)
    """A contact's key as a number: the garbage collector has nothing to look after."""
    row_of: dict[tuple[int, int], int] = field(default_factory=dict)
    columns: dict[str, list[tuple[int, Entry]]] = field(default_factory=dict)
    first_item: dict[str, int] = field(default_factory=dict)

    @classmethod
    def empty(cls, entries: list[Entry], layers: list[Layer], *, capacity: int) -> "_Rows":
        width = sum(len(each.items) for each in layers)
        made = cls(
            layers,
            np.full((capacity, len(entries)), MISSING, dtype=np.int32),
            np.full((capacity, width), MISSING, dtype=np.int32),
        )
        start = 0
        for each in layers:
            key = f"{each.view}/{each.when}"
            made.columns[key] = [
                (column, entry)
                for column, entry in enumerate(entries)
                if (entry.view, entry.when) == (each.view, each.when)
            ]
            made.first_item[key] = start
            start += len(each.items)
        return made

    def row(self, relationship: int, contact: uuid.UUID | None, function: str | None) -> int:
        """Return the row of a person in a relationship; nobody's answers are never paired."""
        person = None if contact is None else contact.int
        known = None if person is None else self.row_of.get((relationship, person))
        if known is not None:
            return known
        number = len(self.relationship)
        self.relationship.append(relationship)
        self.function.append(NOBODY if function is None else _FUNCTIONS.index(function))
        self.person.append(person)
        if person is not None and len(self.layers) > 1:
            self.row_of[relationship, person] = number
        return number

    def sorted(self) -> dict[str, Table]:
        """Return the tables in an order that comes from their content alone."""
        size = len(self.relationship)
        vectors, items = self.vectors[:size], self.items[:size]
        heard = (vectors != MISSING).any(axis=1)
        relationship = np.array(self.relationship, dtype=np.int32)
        function = np.array(self.function, dtype=np.int32)
        whole = np.column_stack([relationship, function, vectors, items])
        rater = _raters(self.person, relationship, heard, whole)
        order = np.lexsort([rater, *whole.T[::-1]])
        order = order[heard[order]]
        return {
            "relationship": relationship[order],
            "function": function[order],
            "rater": rater[order],
            "vectors": vectors[order],
            "items": items[order],
        }


def _raters(
    person: Sequence[int | None],
    relationship: Table,
    heard: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    whole: Table,
) -> Table:
    """Number whoever rates three relationships or more, in an order their answers alone make."""
    asked = Counter(each for each in person if each is not None)
    rows: dict[int, list[int]] = {each: [] for each, count in asked.items() if count >= _RATER}
    for number, each in enumerate(person):
        if each in rows and heard[number]:
            rows[each].append(number)
    several = [
        sorted(own, key=lambda number: whole[number].tolist())
        for own in rows.values()
        if len({int(relationship[number]) for number in own}) >= _RATER
    ]
    several.sort(key=lambda own: [whole[number].tolist() for number in own])
    rater = np.full(len(person), NOBODY, dtype=np.int32)
    for code, own in enumerate(several):
        rater[own] = code
    return rater


def _read(session: Session, asked: Asked, rows: _Rows, place: Mapping[uuid.UUID, int]) -> None:
    """Put one wave's answers into the tables."""
    key = f"{asked.layer.view}/{asked.layer.when}"
    scores = score_answers.ItemScores(asked.plan)
    first = rows.first_item[key]
    items = slice(first, first + len(asked.layer.items))
    position = {each["id"]: number for number, each in enumerate(asked.layer.dimensions)}
    whole = [
        (column, position[entry.dimension])
        for column, entry in rows.columns[key]
        if _is_whole(entry, asked.layer)
    ]
    shared = [each for each in rows.columns[key] if not _is_whole(each[1], asked.layer)]
    names = [item.id for item in asked.layer.items]
    for answer in score_answers.answers(session, asked):
        if answer.relationship_id not in place:
            continue
        number = rows.row(place[answer.relationship_id], answer.person, answer.function)
        told = scores.of(answer.answers)
        rows.items[number, items] = told
        for column, stored in whole:
            if (value := answer.vector[stored]) is not None:
                rows.vectors[number, column] = value
        if shared:
            known = {item: each for item, each in zip(names, told, strict=True) if each != MISSING}
            for column, entry in shared:
                value = score_entries.vector_entry(entry, asked.layer, known)
                rows.vectors[number, column] = MISSING if value is None else value


def _is_whole(entry: Entry, layer: Layer) -> bool:
    return len(entry.items) == len(layer.items_of(entry.dimension))
