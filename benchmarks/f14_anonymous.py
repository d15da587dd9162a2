"""The first scene of F14: an anonymous wave, answered on the web, reminded, closed and severed."""

import itertools
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from scipy import stats
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from benchmarks import f14_files, f14_pages, f14_scene
from benchmarks.f14_scene import FEW, PLACE, SENT, SURE, Scene
from benchmarks.stage import Outcome, Stage
from surveyapp.extensions import reading
from surveyapp.models.base import Base
from surveyapp.models.invitations import Assignment
from surveyapp.models.responses import AnonymousResponse


def attack(stage: Stage, outcome: Outcome, *, people: int) -> None:
    """Let two thirds answer, remind everybody, close, and try everything."""
    scene = f14_scene.play(stage, people)
    with reading() as session:
        for name, succeeded in _attacks(session, stage, scene):
            outcome.tries += 1
            outcome.check(not succeeded, f"anonymous wave: {name}: {succeeded}")
    if stage.database == "postgresql":
        outcome.detail["pg_wal_holds_words_from_before_the_close"] = str(
            any(
                f14_files.holds(path, scene)
                for path in (stage.home.parent / "postgres/pg_wal").iterdir()
            )
        )


def _attacks(session: Session, stage: Stage, scene: Scene) -> Iterator[tuple[str, str]]:
    yield "rows beside the copies", _rows_left(session, scene)
    yield "marks of people", _marks(session, scene)
    yield "list of a reminder", scene.side_of(set(scene.reminded), PLACE["invitation"])
    yield "transaction ids and places of rows", _places(session, scene)
    yield "order of the copies", _order(session, scene)
    yield "groups of copies", _groups(session, scene)
    yield "samples of the planner", f14_files.samples(session, scene)
    yield "files of the database", f14_files.files(stage, scene)
    yield "log", f14_files.log(stage, scene)
    yield "files of runs", f14_files.store(stage, scene)
    for role, told in f14_pages.said_of_people(stage.app, scene.people):
        sides = (scene.side_of(there, PLACE["contact"]) for there in told)
        yield f"pages of {role}", next(filter(None, sides), "")


def _rows_left(session: Session, scene: Scene) -> str:
    """Look for a table that has rows of those who answered, or of those who did not."""
    for table, place, rows in _tables(session, scene):
        if rows and (side := scene.side_of({key for key, _ in rows}, place)):
            return f"{table} has rows of {side}"
    return ""


def _marks(session: Session, scene: Scene) -> str:
    """Look for a column whose values tell those who answered from those who did not."""
    for table, place, rows in _tables(session, scene):
        groups: defaultdict[tuple[str, str], set[uuid.UUID]] = defaultdict(set)
        for key, row in rows:
            for column, value in row.items():
                groups[column, str(value)].add(key)
        for (column, value), there in groups.items():
            if side := scene.side_of(there, place):
                return f"{table}.{column} = {value[:40]} for {side}"
    return ""


def _tables(
    session: Session, scene: Scene
) -> Iterator[tuple[str, int, list[tuple[uuid.UUID, Mapping[str, Any]]]]]:
    """Return every table that names people: which of their ids, and their rows."""
    for table in Base.metadata.sorted_tables:
        named = [name for name in PLACE if name == table.name or f"{name}_id" in table.c]
        for name in named:
            key = "id" if name == table.name else f"{name}_id"
            known = {person.ids[PLACE[name]] for person in scene.people}
            found = session.execute(select(table)).mappings()
            yield table.name, PLACE[name], [(r[key], r) for r in found if r[key] in known]


def _places(session: Session, scene: Scene) -> str:
    """Compare transaction ids and physical places of people's rows."""
    is_postgres = session.get_bind().dialect.name == "postgresql"
    marks = ("xmin::text", "ctid::text") if is_postgres else ("rowid",)
    spoke = scene.is_answered()
    for table, mark in itertools.product(("assignment", "invitation", "contact"), marks):
        rows = session.execute(text(f"SELECT id, {mark} FROM {table}")).all()  # noqa: S608 names of our own
        placed = [(uuid.UUID(str(key)), _number(place)) for key, place in rows]
        known = [(spoke[key], place) for key, place in placed if key in spoke]
        yes = [place for is_yes, place in known if is_yes]
        no = [place for is_yes, place in known if not is_yes]
        if len({*yes, *no}) > 1 and stats.mannwhitneyu(yes, no).pvalue < SURE:
            return f"{mark} of {table} tells who answered"
    return ""


def _number(place: object) -> tuple[int, ...] | int:
    numbers = [int(each) for each in str(place).strip("()").split(",")]
    return numbers[0] * 1000 + numbers[-1] if len(numbers) > 1 else numbers[0]


def _order(session: Session, scene: Scene) -> str:
    """Compare the order of the copies with that of sending, or of names."""
    is_postgres = session.get_bind().dialect.name == "postgresql"
    sent = {SENT + person.name: number for number, person in enumerate(scene.answered)}
    for mark in ("id", "ctid" if is_postgres else "rowid"):
        rows = session.scalars(
            text(f"SELECT answers_json FROM anonymous_response ORDER BY {mark}")  # noqa: S608 as above
        )
        order = [next(n for words, n in sent.items() if f'"{words}"' in row) for row in rows]
        if stats.spearmanr(order, range(len(order))).pvalue < SURE:
            return f"by {mark} the copies stand in the order of sending"
    ids = set(session.scalars(select(AnonymousResponse.wave_id)))
    return "" if len(order) == len(sent) and len(ids) == 1 else "a copy is missing or doubled"


def _groups(session: Session, scene: Scene) -> str:
    """Look for copies filed where fewer than five were asked, or left over from larger groups."""
    asked: defaultdict[tuple[Any, Any], set[uuid.UUID]] = defaultdict(set)
    functions = dict(session.execute(select(Assignment.id, Assignment.function)).tuples().all())
    filed = set(
        session.execute(
            select(AnonymousResponse.relationship_id, AnonymousResponse.function)
        ).tuples()
    )
    for person in scene.people:
        places = [
            (person.relationship_id, functions[person.assignment_id]),
            (person.relationship_id, None),
            (None, None),
        ]
        asked[next(place for place in places if place in filed)].add(person.contact_id)
    small = [place for place, there in asked.items() if len(there) < FEW]
    return f"{len(small)} places where fewer than five could have been" if small else ""
