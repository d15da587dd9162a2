"""What each anonymity contract promises holds of the database itself, not only of the pages.

``python -m benchmarks.f14_attacker`` tries more of it, through pages, logs and documents.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text

from surveyapp.clock import utcnow
from surveyapp.extensions import db, housekeeping, reading, transaction
from surveyapp.jobs import worker
from surveyapp.models.accounts import Contact, Function
from surveyapp.models.base import Base
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.waves import Wave, WaveState
from surveyapp.questionnaires.definition import Anonymity
from surveyapp.services import contract, disclosure_rules, responses
from surveyapp.services.disclosure_rules import Minimums
from tests.factories import annual_survey
from tests.services.severed_world import answer, close, open_wave

PEOPLE = {"Aldermere": [Function.PROCUREMENT] * 10, "Brook": [Function.IT] * 2}
TYPED = "planted words that were never sent"


@pytest.fixture
def app(app_on_both: Flask) -> Iterator[Flask]:
    with app_on_both.app_context():
        yield app_on_both


@pytest.fixture
def answered(app: Flask) -> dict[uuid.UUID, bool]:
    """An anonymous wave after its close: by the ids of everybody asked whether they answered."""
    del app
    wave_id = open_wave(PEOPLE)
    for number in range(6):
        answer(wave_id, f"Aldermere {number}", 1 + number % 5, 4)
    with transaction() as session:
        slug = session.scalars(
            select(Assignment.slug)
            .join(Invitation, Invitation.id == Assignment.invitation_id)
            .join(Contact, Contact.id == Invitation.contact_id)
            .where(Contact.name == "Aldermere 9")
        ).one()
        responses.save_section(
            session, slug, "terms", {"change_first": TYPED}, version=0, at=utcnow()
        )
    spoke = people()
    if db.engine.dialect.name == "postgresql":
        with housekeeping() as carry_out:
            carry_out("ANALYZE")
    close(wave_id)
    while worker.tick():
        pass
    return spoke


def people() -> dict[uuid.UUID, bool]:
    with reading() as session:
        rows = session.execute(
            select(
                Assignment.id, Invitation.id, Invitation.contact_id, Assignment.submitted_at
            ).join(Invitation, Invitation.id == Assignment.invitation_id)
        )
        return {each: bool(sent_at) for *ids, sent_at in rows for each in ids}


def test_no_row_and_no_value_is_there_of_those_who_answered_alone(
    answered: dict[uuid.UUID, bool],
) -> None:
    """Of every table that names people: whatever is said of some is said of both sides."""
    looked_at = 0
    with reading() as session:
        for table in Base.metadata.sorted_tables:
            keys = {"assignment_id", "invitation_id", "contact_id"} & set(table.c.keys())
            keys |= {"id"} if table.name in {"assignment", "invitation", "contact"} else set()
            for key in keys:
                sides: defaultdict[tuple[str, str], set[bool]] = defaultdict(set)
                sizes: defaultdict[tuple[str, str], int] = defaultdict(int)
                for row in session.execute(select(table)).mappings():
                    if row[key] not in answered:
                        continue
                    looked_at += 1
                    for column, value in row.items():
                        sides[column, str(value)].add(answered[row[key]])
                        sizes[column, str(value)] += 1
                told = [each for each, both in sides.items() if len(both) == 1 and sizes[each] > 2]
                assert told == [], table.name
    assert looked_at > 30


def test_no_transaction_id_tells_who_answered(answered: dict[uuid.UUID, bool]) -> None:
    if db.engine.dialect.name != "postgresql":
        pytest.skip("SQLite keeps no transaction ids")
    with reading() as session:
        for table in ("assignment", "invitation"):
            query = f"SELECT DISTINCT xmin::text FROM {table}"  # noqa: S608 names of our own
            marks = session.scalars(text(query)).all()
            assert len(marks) == 1, table
        copies = session.scalars(text("SELECT DISTINCT xmin::text FROM anonymous_response")).all()
        assert len(copies) == 1
        ordered = session.execute(text("SELECT id FROM assignment ORDER BY ctid")).scalars().all()
        assert ordered == sorted(ordered), "rows lie by their random keys, not as they were written"
        samples = "".join(session.scalars(text("SELECT pg_stats::text FROM pg_stats")))
        kept = session.scalars(
            text("SELECT tablename FROM pg_stats WHERE tablename IN ('response', 'draft_answer')")
        ).all()
        assert (TYPED in samples, list(kept)) == (False, [])
    assert True in answered.values()


def test_nothing_deleted_can_be_read_from_the_file(
    answered: dict[uuid.UUID, bool], tmp_path: Path
) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("the attacker of F14 reads PostgreSQL's files")
    assert answered
    files = list(tmp_path.glob("surveyapp.db*"))
    assert any(path.suffix == ".db" for path in files)
    assert [path.name for path in files if TYPED.encode() in path.read_bytes()] == []


@pytest.mark.parametrize(
    ("anonymity", "pairs", "corrections", "is_open", "floor"),
    [
        ("identified", True, True, True, Minimums(1, 1, 1)),
        ("confidential", True, True, False, Minimums(3, 3, 5)),
        ("anonymous", False, False, False, Minimums(5, 3, 5)),
    ],
)
def test_each_contract_keeps_its_line_of_the_table(
    app: Flask, anonymity: str, *, pairs: bool, corrections: bool, is_open: bool, floor: Minimums
) -> None:
    wave_id = open_wave(PEOPLE, anonymity=anonymity)
    with transaction() as session:
        wave = session.get_one(Wave, wave_id)
        wave.minimum_people = 1  # a row that says less than the contract
    with reading() as session:
        wave = session.get_one(Wave, wave_id)
        session.refresh(wave, ["questionnaire_version"])
        assert wave.state is WaveState.OPEN
        assert contract.of_wave(wave) is Anonymity(anonymity)
        assert contract.keeps_pairs(wave) is pairs
        assert contract.may_be_scored_open(wave) is is_open
        assert contract.keeps_corrections(annual_survey({"anonymity": anonymity})) is corrections
        assert disclosure_rules.of_wave(wave) == Minimums(
            floor.people, max(floor.suppliers, wave.minimum_suppliers), floor.comments
        )


SEEN_TO = {
    "answer_copy": "deleted with its job",
    "assignment": "cleared on every row",
    "draft_answer": "deleted",
    "held_page": "deleted",
    "outgoing_mail": "reminders go to everybody",
    "referral": "deleted",
    "response": "deleted",
    "saved_section": "deleted",
    "uploaded_file": "a file cannot be anonymous",
}
"""Tables that name an invitation or assignment, and why they do not tell who answered anonymously."""


def test_whoever_adds_a_table_about_people_asked_has_thought_of_severing() -> None:
    named = {
        table.name
        for table in Base.metadata.sorted_tables
        if {"assignment_id", "invitation_id"} & set(table.c.keys())
    }
    assert named == SEEN_TO.keys()
