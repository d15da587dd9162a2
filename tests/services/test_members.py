"""Users, their sessions and their roles, as rows on both databases."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyapp.errors import Conflict, Invalid, NotFound
from surveyapp.extensions import db, transaction
from surveyapp.models.accounts import Relationship
from surveyapp.models.audit import AuditEvent
from surveyapp.models.mail import OutgoingMail
from surveyapp.models.people import LoginSession, Role, User
from surveyapp.models.programmes import Programme
from surveyapp.services import access, members, sessions, users
from tests import factories
from tests.factories import AT


@pytest.fixture
def app(app_on_both: Flask) -> Iterator[Flask]:
    with app_on_both.app_context():
        with transaction() as session:
            factories.make_programme(session)
            users.create(session, email="Maren@Kestrin.example", name="Maren Holt", at=AT)
            users.create(session, email="ivo@kestrin.example", name="Ivo Brandt", at=AT)
        yield app_on_both


def now() -> Session:
    """A session that sees what was committed until now."""
    db.session.rollback()
    return db.session()


def kestrin() -> Programme:
    return now().scalars(select(Programme).where(Programme.slug == "kestrin")).one()


def user(email: str = "maren@kestrin.example") -> User:
    return users.find(now(), email)


def join(role: Role, email: str = "maren@kestrin.example") -> None:
    with transaction() as session:
        members.join(session, kestrin(), user(email), role, by="test", at=AT)


def test_an_address_is_one_account_in_whatever_case(app: Flask) -> None:
    assert user(" MAREN@kestrin.EXAMPLE").name == "Maren Holt"
    with pytest.raises(Conflict, match="already is an account"), transaction() as session:
        users.create(session, email="maren@KESTRIN.example", name="Other", at=AT)


@pytest.mark.parametrize(
    ("email", "name", "words"),
    [
        ("maren", "Maren", "not an e-mail address"),
        ("a@b.example", " ", "needs a name"),
        ("a@b.example", "x" * 301, "at most 300"),
        ("a@b.example", "a\u202eb", "invisible character"),
    ],
)
def test_an_account_needs_an_address_and_a_name(
    app: Flask, email: str, name: str, words: str
) -> None:
    with pytest.raises(Invalid, match=words), transaction() as session:
        users.create(session, email=email, name=name, at=AT)


def test_a_session_is_found_by_its_token_until_a_limit_is_reached(app: Flask) -> None:
    with transaction() as session:
        row, token = sessions.begin(session, user(), browser="b" * 300, at=AT)
    assert len(row.browser) == 200

    def is_live(after: timedelta) -> bool:
        return sessions.find(now(), token, at=AT + after) is not None

    assert is_live(sessions.IDLE - timedelta(seconds=1))
    assert not is_live(sessions.IDLE)
    assert sessions.find(now(), token[:-1], at=AT) is None
    for hour in range(1, 12):
        with transaction() as session:
            sessions.touch(session, row.id, at=AT + timedelta(hours=hour))
    assert is_live(sessions.LASTS - timedelta(seconds=1))
    assert not is_live(sessions.LASTS)


def test_a_session_that_was_ended_is_not_touched_to_life(app: Flask) -> None:
    with transaction() as session:
        row, token = sessions.begin(session, user(), browser="", at=AT)
        sessions.end(session, row.id, at=AT)
    with transaction() as session:
        sessions.touch(session, row.id, at=AT + timedelta(minutes=10))
    assert sessions.find(now(), token, at=AT + timedelta(minutes=10)) is None


def test_a_session_long_over_goes_when_its_user_signs_in_again(app: Flask) -> None:
    with transaction() as session:
        sessions.begin(session, user(), browser="", at=AT)
        ivos, _ = sessions.begin(session, user("ivo@kestrin.example"), browser="", at=AT)
        recent, _ = sessions.begin(session, user(), browser="", at=AT + timedelta(days=2))
    with transaction() as session:
        here, _ = sessions.begin(session, user(), browser="", at=AT + timedelta(days=31))
    assert set(now().scalars(select(LoginSession.id))) == {ivos.id, recent.id, here.id}


def test_all_sessions_but_this_one_are_ended_and_nobody_elses(app: Flask) -> None:
    with transaction() as session:
        here, mine = sessions.begin(session, user(), browser="", at=AT)
        _, phone = sessions.begin(session, user(), browser="", at=AT)
        _, ivos = sessions.begin(session, user("ivo@kestrin.example"), browser="", at=AT)
        sessions.end_all(session, user().id, at=AT, but=here.id)
    found = [sessions.find(now(), token, at=AT) is not None for token in (mine, phone, ivos)]
    assert found == [True, False, True]


def test_somebody_asked_in_gets_an_account_a_role_and_one_mail(app: Flask) -> None:
    with transaction() as session:
        members.invite(
            session,
            kestrin(),
            email="Dana@Kestrin.example",
            name="Dana Roth",
            role=Role.ANALYST,
            by="test",
            at=AT,
        )
    [mail] = now().scalars(select(OutgoingMail)).all()
    assert (mail.step, mail.user_id) == ("set-password", user("dana@kestrin.example").id)
    with pytest.raises(Conflict, match="already has a role"), transaction() as session:
        members.invite(
            session,
            kestrin(),
            email="dana@kestrin.example",
            name="Dana",
            role=Role.OWNER,
            by="test",
            at=AT,
        )


def test_the_last_owner_stays(app: Flask) -> None:
    join(Role.OWNER)
    with transaction() as session:
        mine = members.find(session, kestrin(), user().id)
        with pytest.raises(Conflict, match="last programme owner"):
            members.change_role(session, kestrin(), mine, Role.ANALYST, by="test", at=AT)
        with pytest.raises(Conflict, match="last programme owner"):
            members.leave(session, kestrin(), mine, by="test", at=AT)
    join(Role.OWNER, "ivo@kestrin.example")
    with transaction() as session:
        mine = members.find(session, kestrin(), user().id)
        members.leave(session, kestrin(), mine, by="test", at=AT)
    with pytest.raises(NotFound):
        members.find(now(), kestrin(), user().id)


def test_a_manager_who_leaves_manages_nothing_any_more(app: Flask) -> None:
    join(Role.OWNER)
    join(Role.RELATIONSHIP_MANAGER, "ivo@kestrin.example")
    with transaction() as session:
        programme = session.get_one(Programme, kestrin().id)
        buyer = factories.make_organisation(session, programme, "Aldermere")
        supplier = factories.make_organisation(session, programme, "Kestrin")
        relationship = factories.make_relationship(session, buyer, supplier)
        relationship.manager_id = user("ivo@kestrin.example").id
    assert [row.relationships for row in members.listed(now(), kestrin())] == [1, 0]
    with transaction() as session:
        theirs = members.find(session, kestrin(), user("ivo@kestrin.example").id)
        members.leave(session, kestrin(), theirs, by="test", at=AT)
    assert now().scalars(select(Relationship.manager_id)).one() is None


def test_every_change_of_members_is_on_record(app: Flask) -> None:
    join(Role.OWNER)
    join(Role.ANALYST, "ivo@kestrin.example")
    with transaction() as session:
        theirs = members.find(session, kestrin(), user("ivo@kestrin.example").id)
        members.change_role(session, kestrin(), theirs, Role.REVIEWER, by="test", at=AT)
        members.change_role(session, kestrin(), theirs, Role.REVIEWER, by="test", at=AT)
    actions = now().scalars(select(AuditEvent.action).order_by(AuditEvent.number)).all()
    assert actions == [
        "programme.created",
        "member.joined",
        "member.joined",
        "member.role_changed",
    ]


def test_another_programmes_member_is_a_stranger(app: Flask) -> None:
    join(Role.OWNER)
    with transaction() as session:
        factories.make_programme(session, "other")
    actor, programme = access.actor_in(now(), user(), "kestrin")
    assert (actor.role, programme.slug, actor.by) == (
        Role.OWNER,
        "kestrin",
        "user:maren@kestrin.example",
    )
    for slug in ("other", "nowhere"):
        with pytest.raises(NotFound):
            access.actor_in(now(), user(), slug)


def test_only_an_owner_changes_anything() -> None:
    changing = {"accounts.edit", "accounts.import", "waves.edit", "waves.launch", "mail.resend"}
    changing |= {"jobs.retry", "members.edit", "programme.edit"}
    for role, may in access.MAY.items():
        assert bool(changing & may) == (role == Role.OWNER)
    assert access.MAY[Role.OWNER] == set().union(*access.MAY.values())
    assert {action for actions in access.TOPICS.values() for action in actions} == (
        access.MAY[Role.OWNER] - {"programme.open"}
    )
