"""What the pages of one wave share: its row, its tabs, and what a refused step looks like."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Final

from flask import Blueprint, current_app, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from surveyapp.errors import Conflict
from surveyapp.models.waves import Wave, WaveState
from surveyapp.services import access, handed_in, waves
from surveyapp.web import guards
from surveyapp.web.navigation import Entry

blueprint = Blueprint("waves", __name__, url_prefix="/p/<programme>")
_UNDER: Final[Mapping[str, str]] = MappingProxyType(
    {
        "save": "edit",
        **dict.fromkeys(("launch", "schedule"), "check"),
        **dict.fromkeys(("ask_extend", "extend", "ask_close", "ask_reopen", "reopen"), "show"),
        **dict.fromkeys(("left_off", "named", "ask_assist", "assist"), "people"),
        "plan_reminder": "reminders",
        **dict.fromkeys(("text", "save_text", "since", "save_since"), "texts"),
    }
)
"""The tab under which a page without one of its own stands."""
MORNING: Final = time(8)
"""When things happen unless an owner says otherwise, in UTC."""
UNLAUNCHED: Final = frozenset({WaveState.DRAFT, WaveState.SCHEDULED})


def find(session: Session, slug: str) -> Wave:
    """Return the programme's wave of that name. Raises NotFound."""
    return waves.find(session, guards.programme(), slug)


def is_unlaunched(wave: Wave) -> bool:
    """Tell whether nobody was asked yet and everything can be changed."""
    return wave.state in UNLAUNCHED


def end_of(day: date) -> datetime:
    """Return when a last day is over: it counts whole, in UTC."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)


def moment(day: date | None, at: time | None) -> datetime:
    """Return the moment a form's two valid fields name, in UTC."""
    if day is None or at is None:
        raise ValueError("Validate the form first: it requires a day and a time.")
    return datetime.combine(day, at, UTC)


def tabs(wave: Wave) -> list[Entry]:
    """Return the pages about a wave that the asker may open."""
    places: list[tuple[str, access.Action, str]] = [("waves.show", "waves.read", _("Wave"))]
    if is_unlaunched(wave):
        places += [
            ("waves.edit", "waves.edit", _("Draft")),
            ("waves.check", "waves.read", _("Launch check")),
        ]
    else:
        places.append(("coverage.show", "coverage.read", _("Coverage")))
    places += [
        ("waves.people", "waves.read", _("People")),
        ("waves.reminders", "waves.read", _("Reminders")),
        ("waves.texts", "waves.read", _("Mail texts")),
    ]
    if handed_in.asks_for_files(wave):
        places.append(("waves.files", "answers.read", _("Files")))
    here = (request.endpoint or "").rpartition(".")[2]
    current = f"waves.{_UNDER.get(here, here)}"
    return [
        Entry(label, url_for(endpoint, wave=wave.slug), endpoint == current)
        for endpoint, action, label in places
        if endpoint in current_app.view_functions and guards.may(action)
    ]


@blueprint.errorhandler(Conflict)
def refused(error: Conflict) -> tuple[str, int]:
    """Say that somebody or the clock was faster, with a way back to how things are now."""
    slug = (request.view_args or {}).get("wave")
    back = url_for("waves.show", wave=slug) if slug else url_for("waves.index")
    return render_template("waves/refused.html", sentence=str(error), back=back), 409
