"""A programme's members: who they are, what they may do, asking somebody in."""

import uuid

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from surveyapp.clock import utcnow
from surveyapp.errors import Conflict, Invalid
from surveyapp.extensions import db, transaction
from surveyapp.models.people import Role
from surveyapp.services import access, members
from surveyapp.web import guards
from surveyapp.web.forms.members import MemberForm, RoleForm
from surveyapp.web.guards import requires

blueprint = Blueprint("members", __name__, url_prefix="/p/<programme>/members")


@blueprint.get("")
@requires("members.read")
def index() -> str:
    """List the members, and what each role may do."""
    return _page(MemberForm(formdata=None))


@blueprint.post("")
@requires("members.edit")
def invite() -> Response | tuple[str, int]:
    """Give somebody a role; who has no account yet gets one, and a mail to choose a password."""
    form = MemberForm()
    if not form.validate():
        return _page(form), 422
    try:
        with transaction() as session:
            members.invite(
                session,
                guards.programme(),
                email=form.email.data or "",
                name=form.name.data or "",
                role=Role(form.role.data),
                by=guards.actor().by,
                at=utcnow(),
            )
    except (Invalid, Conflict) as error:
        form.email.errors = [str(error)]
        return _page(form), 422
    flash(_("%(email)s is a member now.", email=form.email.data))
    return redirect(url_for("members.index"), 303)


@blueprint.get("/<uuid:user_id>")
@requires("members.edit")
def show(user_id: uuid.UUID) -> str:
    """Show one member with a form to change the role or take them out."""
    membership = members.find(db.session(), guards.programme(), user_id)
    form = RoleForm(formdata=None, role=membership.role.value)
    return render_template("members/show.html", membership=membership, form=form)


@blueprint.post("/<uuid:user_id>")
@requires("members.edit")
def change(user_id: uuid.UUID) -> Response | tuple[str, int]:
    """Change what somebody may do."""
    form = RoleForm()
    found = members.find(db.session(), guards.programme(), user_id)
    if not form.validate():
        return render_template("members/show.html", membership=found, form=form), 422
    with transaction() as session:
        membership = members.find(session, guards.programme(), user_id)
        role, by = Role(form.role.data), guards.actor().by
        members.change_role(session, guards.programme(), membership, role, by=by, at=utcnow())
    flash(_("%(name)s is %(role)s now.", name=found.user.name, role=role.value))
    return redirect(url_for("members.index"), 303)


@blueprint.post("/<uuid:user_id>/remove")
@requires("members.edit")
def remove(user_id: uuid.UUID) -> Response:
    """Take somebody out of the programme."""
    with transaction() as session:
        membership = members.find(session, guards.programme(), user_id)
        name, by = membership.user.name, guards.actor().by
        members.leave(session, guards.programme(), membership, by=by, at=utcnow())
    flash(_("%(name)s is no member any more.", name=name))
    # somebody who took themselves out finds the door, not a page that says 404
    is_self = user_id == guards.actor().user_id
    return redirect(url_for("home.index" if is_self else "members.index"), 303)


def _page(form: MemberForm) -> str:
    return render_template(
        "members/index.html",
        members=members.listed(db.session(), guards.programme()),
        form=form,
        roles=access.MAY,
        topics=access.TOPICS,
    )
