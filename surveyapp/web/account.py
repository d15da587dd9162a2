"""One's own account: name, password, and the browsers that are signed in."""

import uuid

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from surveyapp.clock import utcnow
from surveyapp.errors import Invalid, NotFound
from surveyapp.extensions import db, transaction
from surveyapp.services import passwords, sessions, users
from surveyapp.web import guards
from surveyapp.web.forms.auth import ChangePasswordForm, NameForm
from surveyapp.web.guards import signed_in
from surveyapp.web.rate_limits import Limit, count, is_used_up

blueprint = Blueprint("account", __name__, url_prefix="/account")


@blueprint.get("")
@signed_in
def show() -> str:
    """Show name, password form and sessions."""
    return _page(
        NameForm(formdata=None, name=guards.user().name), ChangePasswordForm(formdata=None)
    )


@blueprint.post("/name")
@signed_in
def rename() -> Response | tuple[str, int]:
    """Change how one is called."""
    form, user = NameForm(), guards.user()
    try:
        if form.validate():
            with transaction() as session:
                users.rename(session, user, name=form.name.data or "")
    except Invalid as error:
        form.name.errors = [str(error)]
    if form.errors:
        return _page(form, ChangePasswordForm(formdata=None)), 422
    flash(_("Your name is changed."))
    return redirect(url_for("account.show"), 303)


@blueprint.post("/password")
@signed_in
def change_password() -> Response | tuple[str, int]:
    """Change the password of somebody who knows the one they have; other browsers are signed out."""
    form, user = ChangePasswordForm(), guards.user()
    if form.validate():
        _check(form)
    if form.errors:
        return _page(NameForm(formdata=None, name=user.name), form), 422
    hashed = passwords.hashed(form.password.data or "")
    with transaction() as session:
        users.set_password(session, user, hashed, at=utcnow())
        _row, token = sessions.begin(session, user, browser=guards.browser(), at=utcnow())
    guards.sign_in(token)
    flash(_("Your password is changed. Every other browser is signed out."))
    return redirect(url_for("account.show"), 303)


@blueprint.post("/sessions/<uuid:session_id>/end")
@signed_in
def end_session(session_id: uuid.UUID) -> Response:
    """Sign one of one's own browsers out."""
    user = guards.user()
    with transaction() as session:
        mine = {row.id for row in sessions.of_user(session, user.id, at=utcnow())}
        if session_id not in mine:
            raise NotFound("There is no such session.")
        sessions.end(session, session_id, at=utcnow())
    flash(_("That browser is signed out."))
    return redirect(url_for("account.show"), 303)


@blueprint.post("/sessions/end")
@signed_in
def end_everywhere() -> Response:
    """Sign out everywhere, here too."""
    user = guards.user()
    with transaction() as session:
        sessions.end_all(session, user.id, at=utcnow())
    guards.sign_out()
    flash(_("You are signed out everywhere."))
    return redirect(url_for("auth.show"), 303)


def _check(form: ChangePasswordForm) -> None:
    """Put what is wrong with the two passwords beside their fields."""
    user = guards.user()
    key = str(user.id)
    if is_used_up(Limit.DEVICE, key):
        form.current.errors = [_("Too many wrong tries. Wait 15 minutes.")]
    elif not passwords.is_right(form.current.data or "", user.password_hash):
        count(Limit.DEVICE, key)
        form.current.errors = [_("This is not the password you have now.")]
    try:
        users.check_password(user, form.password.data or "")
    except Invalid as error:
        form.password.errors = [str(error)]


def _page(name_form: NameForm, password_form: ChangePasswordForm) -> str:
    user, login = guards.user(), guards.login()
    return render_template(
        "account/show.html",
        user=user,
        name_form=name_form,
        password_form=password_form,
        sessions=sessions.of_user(db.session(), user.id, at=utcnow()),
        here=login and login.id,
    )
