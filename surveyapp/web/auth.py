"""Signing in and out, and choosing a password by link."""

import secrets
import uuid

import structlog
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from surveyapp.clock import utcnow
from surveyapp.errors import Invalid
from surveyapp.extensions import db, state, transaction
from surveyapp.models.people import User
from surveyapp.services import mail, passwords, sessions, users
from surveyapp.web import guards
from surveyapp.web.forms.auth import ForgottenForm, NewPasswordForm, SignInForm
from surveyapp.web.guards import public
from surveyapp.web.rate_limits import Limit, address, count, is_used_up

blueprint = Blueprint("auth", __name__)
_log = structlog.get_logger("surveyapp.web")
_DEVICE_COOKIE = "device"
_DEVICE_LASTS = 400 * 24 * 60 * 60
"""As long as browsers keep a cookie."""


@blueprint.get("/sign-in")
@public("everybody may try")
def show() -> str | Response:
    """Ask for address and password."""
    if guards.login():
        return redirect(_safe(request.args.get("next")), 303)
    return _form(SignInForm(formdata=None, next=request.args.get("next", "")))


@blueprint.post("/sign-in")
@public("everybody may try; failures are limited by account, browser and address")
def sign_in() -> Response | tuple[str, int]:
    """Let somebody in whose password is right."""
    form = SignInForm()
    if not form.validate():
        return _form(form), 422
    email = (form.email.data or "").strip().lower()
    limits = _limits(email)
    if any(is_used_up(limit, key) for limit, key in limits):
        form.form_errors = [_("Too many wrong tries. Wait 15 minutes, or ask for a new password.")]
        return _form(form), 429
    user = users.by_email(db.session(), email)
    if not _is_right(user, form.password.data or "") or user is None:
        for limit, key in limits:
            count(limit, key)
        _log.info("sign-in.refused", address=address())
        form.form_errors = [_("Address or password is wrong.")]
        return _form(form), 422
    return _let_in(user, form)


@blueprint.post("/sign-out")
@public("leaving needs no permission")
def sign_out() -> Response:
    """End this browser's session."""
    if found := guards.login():
        with transaction() as session:
            sessions.end(session, found.id, at=utcnow())
    guards.sign_out()
    return redirect(url_for("home.index"), 303)


@blueprint.get("/forgotten")
@public("somebody who cannot sign in needs it")
def forgotten() -> str:
    """Ask which account's password is forgotten."""
    return render_template("auth/forgotten.html", form=ForgottenForm(formdata=None))


@blueprint.post("/forgotten")
@public("the answer is the same for every address; mails are limited by account and address")
def send_link() -> str | tuple[str, int]:
    """Mail a link to choose a password, if there is such an account. Nobody learns whether."""
    form = ForgottenForm()
    if not form.validate():
        return render_template("auth/forgotten.html", form=form), 422
    email = (form.email.data or "").strip().lower()
    within = count(Limit.RESET, email) and count(Limit.RESET_ADDRESS, address())
    user = users.by_email(db.session(), email)
    if within and user is not None and user.disabled_at is None:
        with transaction() as session:
            mail.queue_for_user(
                session,
                user,
                step="set-password",
                programme=None,
                wave=None,
                locale="en",
                at=utcnow(),
            )
    return render_template("auth/link_sent.html", email=email)


@blueprint.get("/set-password/<uuid:user_id>/<token>")
@public("the link is the key; the page changes nothing")
def show_password(user_id: uuid.UUID, token: str) -> str:
    """Ask for a new password."""
    user = _of_link(user_id, token)
    return render_template("auth/set_password.html", form=NewPasswordForm(formdata=None), user=user)


@blueprint.post("/set-password/<uuid:user_id>/<token>")
@public("the link is the key, and works once")
def set_password(user_id: uuid.UUID, token: str) -> Response | tuple[str, int]:
    """Keep the new password and sign the user out everywhere else."""
    user, form = _of_link(user_id, token), NewPasswordForm()
    password = form.password.data or ""
    try:
        if form.validate():
            users.check_password(user, password)
    except Invalid as error:
        form.password.errors = [str(error)]
    if form.errors:
        return render_template("auth/set_password.html", form=form, user=user), 422
    hashed = passwords.hashed(password)
    with transaction() as session:
        # looked at again inside: of two that use one link at once the second is refused
        again = users.of_password_link(
            session, user_id, token, secret_key=state().settings.secret_key
        )
        users.set_password(session, again, hashed, at=utcnow())
    flash(_("Your password is set. Sign in with it."))
    return redirect(url_for("auth.show"), 303)


def _of_link(user_id: uuid.UUID, token: str) -> User:
    key = state().settings.secret_key
    return users.of_password_link(db.session(), user_id, token, secret_key=key)


def _is_right(user: User | None, password: str) -> bool:
    is_open = user is not None and user.disabled_at is None
    return passwords.is_right(password, user.password_hash if user and is_open else "")


def _let_in(user: User, form: SignInForm) -> Response:
    renewed = None
    if passwords.is_outdated(user.password_hash):
        renewed = passwords.hashed(form.password.data or "")
    with transaction() as session:
        _row, token = sessions.begin(session, user, browser=guards.browser(), at=utcnow())
        if renewed:
            session.get_one(User, user.id).password_hash = renewed
    guards.sign_in(token)
    response = redirect(_safe(form.next.data), 303)
    response.set_cookie(
        _DEVICE_COOKIE,
        _devices().dumps([user.email, secrets.token_urlsafe(16)]),
        max_age=_DEVICE_LASTS,
        path=url_for("auth.sign_in"),
        httponly=True,
        samesite="Lax",
        secure=state().settings.is_https,
    )
    return response


def _limits(email: str) -> list[tuple[Limit, str]]:
    """Say what a wrong password would count against; a browser that knows the account has its own."""
    cookie = request.cookies.get(_DEVICE_COOKIE, "")
    try:
        account, device = _devices().loads(cookie)
        if account == email:
            return [(Limit.DEVICE, device)]
    except BadSignature:
        pass  # no cookie, or not ours: a browser like any other
    return [(Limit.ACCOUNT, email), (Limit.ADDRESS, address())]


def _devices() -> URLSafeSerializer:
    return URLSafeSerializer(state().settings.secret_key, salt="surveyapp/device/1")


def _safe(target: str | None) -> str:
    """Return an address of ours to go on to; never another host's."""
    found = target or ""
    # "//host", "///host" and "/\\host" are other hosts to a browser
    is_ours = found.startswith("/") and not found.startswith(("//", "/\\"))
    return found if is_ours and found.isprintable() else url_for("home.index")


def _form(form: SignInForm) -> str:
    return render_template("auth/sign_in.html", form=form)
