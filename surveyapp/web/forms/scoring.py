"""Forms for reference sets, and for weights and cuts to be tried."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, Self

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import Form, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from surveyapp.services.scoring_rules import LONGEST_REASON
from surveyapp.web.forms.choices import options
from surveyapp.web.forms.console import ConsoleForm

_NEW = "new"
_WEIGHT = "weight_"
_MIDDLE, _SPREAD = 50.0, 10.0


class ReferenceForm(ConsoleForm):
    """The text of a reference set."""

    content = TextAreaField(
        _("The set, as YAML or JSON"),
        [InputRequired(_("Paste the set here."))],
        description=_(
            "name, view, source, on, relationships, answers_each, dimensions, mean, between, within."
        ),
        render_kw={"rows": 16, "spellcheck": "false"},
    )


class ApprovalForm(ConsoleForm):
    """Why a proposal is published."""

    reason = TextAreaField(
        _("Reason"),
        [InputRequired(_("Say why.")), Length(max=LONGEST_REASON)],
        description=_("Kept on record with your name."),
        render_kw={"rows": 3},
    )


def _number(_form: Form, field: StringField) -> None:
    """Ask for a number, with a comma or a point."""
    try:
        value = _read(field)
    except ValueError:
        value = float("nan")
    if not isfinite(value):
        raise ValidationError(gettext("Write a number."))


def _read(field: StringField) -> float:
    return float((field.data or "").strip().replace(",", "."))


class ProposalForm(ConsoleForm):
    """Weights of SEQ, and a cut set or new cuts. ``of`` adds a field for each weight."""

    cut_set = SelectField(_("Cut set"))
    cut_name = StringField(
        _("Name of new cuts"),
        [Length(max=48)],
        description=_("Small letters, digits and hyphens; it gets the next version."),
    )
    low = StringField(_("Transactional from"), render_kw={"inputmode": "decimal"})
    middle = StringField(_("Predisposed from"), render_kw={"inputmode": "decimal"})
    high = StringField(_("Trusted Advisor from"), render_kw={"inputmode": "decimal"})

    dimensions: Sequence[str] = ()

    @classmethod
    def of(cls, labels: Mapping[str, str], known: Sequence[str]) -> "ProposalForm":
        """Return the form for a questionnaire's engagement dimensions and the known cut sets."""
        fields: dict[str, Any] = {
            f"{_WEIGHT}{number}": StringField(
                gettext("Weight of %(label)s, in 100", label=label),
                [_number],
                render_kw={"inputmode": "decimal"},
            )
            for number, label in enumerate(labels.values())
        }
        made: ProposalForm = type("WeightsForm", (cls,), {**fields, "dimensions": tuple(labels)})()
        new = (_NEW, gettext("new cuts, written below"))
        made.cut_set.choices = options([*((each, each) for each in known), new])
        return made

    def filled(self, weights: Mapping[str, float], cut_set: str) -> Self:
        """Put in what a run was made with."""
        for dimension, field in zip(self.dimensions, self.weight_fields, strict=True):
            field.data = f"{100 * weights.get(dimension, 0.0):g}"
        self.cut_set.data = cut_set
        return self

    @property
    def weight_fields(self) -> list[StringField]:
        """Return the fields of the weights, in the order of the dimensions."""
        return [self[f"{_WEIGHT}{number}"] for number in range(len(self.dimensions))]

    @property
    def cut_fields(self) -> tuple[StringField, StringField, StringField]:
        """Return the fields of new cuts."""
        return self.low, self.middle, self.high

    def _has_one_choice(self) -> bool:
        """Never leave unread what somebody wrote below a known set."""
        if not any((each.data or "").strip() for each in (self.cut_name, *self.cut_fields)):
            return True
        self.cut_set.errors = [
            gettext("New cuts are written below. Choose them here, or empty their fields.")
        ]
        return False

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        """Ask for new cuts only where they are wanted."""
        is_valid = bool(super().validate(extra_validators))
        if self.known_set():
            return is_valid and self._has_one_choice()
        for field in self.cut_fields:
            try:
                _number(self, field)
            except ValidationError as error:
                field.errors = [str(error)]
                is_valid = False
        if not (self.cut_name.data or "").strip():
            self.cut_name.errors = [gettext("Name the new cuts.")]
            is_valid = False
        return is_valid

    def weights(self) -> dict[str, float]:
        """Return the weights that were written."""
        return {
            dimension: _read(field)
            for dimension, field in zip(self.dimensions, self.weight_fields, strict=True)
        }

    def known_set(self) -> str:
        """Return the cut set that was chosen; empty for new cuts."""
        return "" if self.cut_set.data == _NEW else self.cut_set.data or ""

    def cuts(self) -> tuple[float, ...]:
        """Return new cuts, written as T scores, in spreads of the reference; none for a known set."""
        if self.known_set():
            return ()
        return tuple((_read(field) - _MIDDLE) / _SPREAD for field in self.cut_fields)
