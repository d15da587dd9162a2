"""Forms for relationships, their stakeholders and the two organisations."""

import uuid
from collections.abc import Iterable
from typing import Any, Final

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import SelectField

from surveyapp.models.accounts import Contact, Function, Influence, Raci, Side
from surveyapp.models.people import User
from surveyapp.services import account_cells as cells
from surveyapp.services.languages import language_tag
from surveyapp.services.organisations import OrganisationFacts
from surveyapp.services.relationships import RelationshipFacts
from surveyapp.services.stakeholders import PartFacts
from surveyapp.services.wave_names import function_name
from surveyapp.web.forms.cells import AddressField, CellField, DayField, EditForm
from surveyapp.web.forms.choices import options, options_of

NOBODY: Final = "nobody"
FUNCTIONS: Final = [(each.value, function_name(each)) for each in Function]


class RelationshipForm(EditForm):
    """The facts of a relationship."""

    annual_value = CellField(
        _("Annual value"),
        parser=cells.amount,
        empty=None,
        description=_("What the buyer pays in a year, in digits: 125000 or 125000.50."),
        render_kw={"inputmode": "decimal"},
    )
    currency = CellField(
        _("Currency"), parser=cells.currency, description=_("Three letters, as in EUR.")
    )
    renewal_on = DayField(_("Renewal"), parser=cells.day, empty=None)
    manager_id = SelectField(
        _("Relationship manager"),
        description=_("A relationship manager sees only the relationships that name them here."),
    )
    segment = CellField(_("Segment"), parser=cells.text(100))
    product_line = CellField(_("Product line"), parser=cells.text(100))
    service_team = CellField(_("Service team"), parser=cells.text(100))
    region = CellField(_("Region"), parser=cells.text(100))

    def offer(self, managers: Iterable[User]) -> None:
        """Let a manager be chosen among the programme's members."""
        members = [(str(user.id), f"{user.name}, {user.email}") for user in managers]
        self.manager_id.choices = options([("", gettext("Nobody")), *members])

    def facts(self) -> RelationshipFacts:
        """Return what was filled in."""
        manager = self.manager_id.data
        return RelationshipFacts(
            product_line=self.product_line.value,
            service_team=self.service_team.value,
            region=self.region.value,
            segment=self.segment.value,
            annual_value=self.annual_value.value,
            currency=self.currency.value,
            renewal_on=self.renewal_on.value,
            manager_id=uuid.UUID(manager) if manager else None,
        )


class NewRelationshipForm(RelationshipForm):
    """A relationship of two organisations that are there already."""

    buyer = CellField(
        _("Buyer"),
        parser=cells.text(300),
        required=_("Write the name or the reference of the organisation that buys."),
        render_kw={"list": "organisations", "autocomplete": "off"},
    )
    supplier = CellField(
        _("Supplier"),
        parser=cells.text(300),
        required=_("Write the name or the reference of the organisation that supplies."),
        render_kw={"list": "organisations", "autocomplete": "off"},
    )


class OrganisationForm(EditForm):
    """An organisation."""

    name = CellField(
        _("Name"), parser=cells.text(300), required=_("Write the name of the organisation.")
    )
    reference = CellField(
        _("Reference"),
        parser=cells.text(100),
        description=_(
            "Your own key, such as a customer number: an import finds the organisation by it."
            " Left empty, the name stands for it."
        ),
    )
    country = CellField(_("Country"), parser=cells.text(100))

    def facts(self) -> OrganisationFacts:
        """Return what was filled in."""
        return OrganisationFacts(self.name.value, self.reference.value, self.country.value)


class PartForm(EditForm):
    """Somebody's part in a relationship."""

    function = SelectField(_("Function"), choices=options(FUNCTIONS))
    influence = SelectField(_("Influence"), choices=options_of(Influence))
    raci = SelectField(_("RACI"), choices=[*options([("", _("Not said"))]), *options_of(Raci)])
    from_on = DayField(
        _("First day"),
        parser=cells.day,
        empty=None,
        description=_("Left empty, the part has always run."),
    )
    until_on = DayField(
        _("Last day"),
        parser=cells.day,
        empty=None,
        description=_("Left empty, the part runs on. After this day nobody is asked for it."),
    )

    def facts(self) -> PartFacts:
        """Return what was filled in."""
        return PartFacts(
            function=Function(self.function.data),
            influence=Influence(self.influence.data),
            raci=Raci(self.raci.data) if self.raci.data else None,
            from_on=self.from_on.value,
            until_on=self.until_on.value,
        )


class NewPartForm(PartForm):
    """A part for somebody who is known, or for somebody new."""

    contact = SelectField(_("Person"))
    email = AddressField(_("E-mail address"), parser=cells.email)
    name = CellField(_("Name"), parser=cells.text(300))
    side = SelectField(_("Works at"))
    locale = CellField(
        _("Language"),
        parser=language_tag,
        description=_("A tag such as en or de-CH. Left empty, the programme's holds."),
    )

    def offer(self, people: Iterable[Contact], *, buyer: str, supplier: str) -> None:
        """Let one of the two organisations' people be chosen, or the organisation of somebody new."""
        known = [
            (str(each.id), f"{each.name}, {each.email} ({each.organisation.name})")
            for each in people
        ]
        self.contact.choices = options([("", gettext("Somebody else: fill in below")), *known])
        self.side.choices = options([(Side.BUYER.value, buyer), (Side.SUPPLIER.value, supplier)])

    def validate(self, extra_validators: Any = None) -> bool:  # noqa: ANN401 WTForms' own
        """Ask for an address, unless somebody known is chosen."""
        is_valid = bool(super().validate(extra_validators))
        if not self.contact.data and not self.email.data:
            message = gettext("Choose a person above, or write the address of somebody else.")
            self.email.errors = [message]
            return False
        return is_valid
