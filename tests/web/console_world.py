"""Signed-in members of a programme, for tests of console pages."""

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from surveyapp.clock import utcnow
from surveyapp.extensions import transaction
from surveyapp.models.people import Membership, Role, User
from surveyapp.models.programmes import Programme
from surveyapp.services import members, passwords, sessions, users

PASSWORD = "a horse eats nine onions"
_HASHED: list[str] = []


def make_user(app: Flask, email: str, *, name: str = "Maren Holt", password: bool = False) -> None:
    """An account; hashing takes time, so only tests that type the password ask for one."""
    with app.app_context(), transaction() as session:
        user = users.create(session, email=email, name=name, at=utcnow())
        if password:
            _HASHED[:] = _HASHED or [passwords.hashed(PASSWORD)]
            user.password_hash = _HASHED[0]


def sign_in(
    app: Flask,
    programme: str,
    *,
    role: Role = Role.OWNER,
    email: str = "",
    name: str = "Maren Holt",
) -> FlaskClient:
    """A browser of a member with that role; the member is made when there is none."""
    email = email or f"{role.value.replace(' ', '.')}@{programme}.example"
    client = app.test_client()
    with app.app_context(), transaction() as session:
        at = utcnow()
        user = users.by_email(session, email)
        if user is None:
            user = users.create(session, email=email, name=name, at=at)
        found = session.scalars(select(Programme).where(Programme.slug == programme)).one()
        has_role = select(Membership).where(
            Membership.programme_id == found.id, Membership.user_id == user.id
        )
        if session.scalars(has_role).first() is None:
            members.join(session, found, user, role, by="test", at=at)
        _row, token = sessions.begin(session, session.get_one(User, user.id), browser="test", at=at)
    with client.session_transaction() as cookie:
        cookie["login"] = token
    return client


def token_of(client: FlaskClient, path: str) -> str:
    """The CSRF token of a page's first form."""
    html = client.get(path).get_data(as_text=True)
    return html.partition('name="csrf_token" value="')[2].partition('"')[0]
