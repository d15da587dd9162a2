"""What the pages about scoring share: their place, and weights and cuts in words."""

from collections.abc import Mapping, Sequence

from flask import Blueprint
from flask_babel import gettext as _

from surveyapp.models.results import ReferenceOrigin

blueprint = Blueprint("scoring", __name__, url_prefix="/p/<programme>/scoring")


def weights(shares: Mapping[str, float], labels: Mapping[str, str] | None = None) -> str:
    """Write weights in hundredths: "Attitude 60, Intent 40"."""
    named = labels or {}
    return ", ".join(f"{named.get(each, each)} {100 * share:.3g}" for each, share in shares.items())


def cuts(told: Sequence[float]) -> str:
    """Write cuts as T scores: "37, 46, 58"."""
    return ", ".join(f"{50 + 10 * cut:.0f}" for cut in told)


def origin(of: ReferenceOrigin) -> str:
    """Say where a reference set comes from."""
    match of:
        case ReferenceOrigin.OWN:
            return str(_("your own"))
        case ReferenceOrigin.IMPORTED:
            return str(_("imported"))


def tells(what: str) -> str:
    """Say what so many relationships tell."""
    said = {
        "means": _("the mean"),
        "spreads": _("mean and spread"),
        "tails": _("mean, spread and tails"),
    }
    return str(said[what])


blueprint.add_app_template_global(weights, "scoring_weights")
blueprint.add_app_template_global(cuts, "scoring_cuts")
blueprint.add_app_template_global(origin, "reference_origin")
blueprint.add_app_template_global(tells, "reference_tells")
