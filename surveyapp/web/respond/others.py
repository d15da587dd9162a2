"""Not the right person, or somebody else too: said to the owner, who decides. Nobody is mailed by it."""

from collections.abc import Mapping

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from surveyapp.clock import utcnow
from surveyapp.errors import Conflict, Invalid
from surveyapp.extensions import db, transaction
from surveyapp.models.accounts import Function
from surveyapp.models.referrals import ReferralKind
from surveyapp.services import referrals
from surveyapp.services.invitations import Opened
from surveyapp.web import languages
from surveyapp.web.guards import public
from surveyapp.web.respond.addresses import blueprint
from surveyapp.web.respond.entrance import redeem
from surveyapp.web.respond.states import CannotAnswer

_KEY = "the personal link is the key"


@blueprint.get("/<token>/others")
@public(_KEY)
def show_others(token: str) -> str:
    """Ask who should answer instead or as well, and say what was said before."""
    return _page(_open(token), token, {"kind": request.args.get("kind", "")}, {})


@blueprint.post("/<token>/others")
@public(_KEY)
def tell_others(token: str) -> Response | tuple[str, int]:
    """Keep what was said for the owner."""
    opened, typed = _open(token), request.form
    kind = next((each for each in ReferralKind if each.value == typed.get("kind")), None)
    if kind is None:
        problems = {"kind": _("Choose one of these.")}
        return _page(opened, token, typed, problems), 422
    try:
        with transaction() as session:
            referrals.say(
                session,
                token,
                kind=kind,
                name=typed.get("name", ""),
                email=typed.get("email", ""),
                function=next((f for f in Function if f.value == typed.get("function")), None),
                note=typed.get("note", ""),
                at=utcnow(),
            )
    except Invalid as error:
        problems = {problem.place: _(problem.message) for problem in error.problems}
        return _page(opened, token, typed, problems), 422
    except Conflict as error:
        return _page(opened, token, typed, {"kind": _(str(error))}), 409
    return redirect(url_for("respond.show_others", token=token), 303)


def _open(token: str) -> Opened:
    opened = redeem(token, at=utcnow())
    if opened.status not in {"open", "answered"}:
        raise CannotAnswer(opened)
    return opened


def _page(opened: Opened, token: str, typed: Mapping[str, str], problems: Mapping[str, str]) -> str:
    return render_template(
        "respond/others.html",
        asker=opened.programme.asker,
        data_note=opened.programme.data_note,
        said=referrals.of_invitation(db.session(), opened.invitation.id),
        typed=typed,
        problems=problems,
        functions=_functions(),
        languages=languages.at_link(opened.wave),
        token=token,
    )


def _functions() -> dict[str, str]:
    return {
        Function.PROCUREMENT.value: _("Procurement"),
        Function.IT.value: _("IT"),
        Function.SECURITY.value: _("Security"),
        Function.LEGAL.value: _("Legal"),
        Function.FINANCE.value: _("Finance"),
        Function.OPERATIONS.value: _("Operations"),
        Function.SALES.value: _("Sales"),
        Function.EXECUTIVE_SPONSOR.value: _("Executive sponsor"),
        Function.USER.value: _("User"),
    }
