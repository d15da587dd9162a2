"""Forms of the import's steps: files, what each table is, which heading stands for which column."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString
from flask_wtf.file import MultipleFileField
from wtforms import Field, SelectField

from surveyapp.services.account_sheets import COLUMNS, Sheet
from surveyapp.tabular.table import column_letters
from surveyapp.web.forms.choices import options
from surveyapp.web.forms.console import ConsoleForm

KINDS: Mapping[Sheet, LazyString] = {
    Sheet.ORGANISATIONS: lazy_gettext("Organisations"),
    Sheet.RELATIONSHIPS: lazy_gettext("Relationships"),
    Sheet.CONTACTS: lazy_gettext("Contacts"),
    Sheet.STAKEHOLDERS: lazy_gettext("Stakeholders"),
}


class UploadForm(ConsoleForm):
    """The files to import."""

    files = MultipleFileField(
        lazy_gettext("CSV files or workbooks (.xlsx)"),
        description=lazy_gettext("At most 8 files, each up to 20 MB, together up to 40 MB."),
        render_kw={"accept": ".csv,.xlsx,.txt,.tsv"},
    )


class SheetsForm:
    """What each table of the files is about."""

    def __init__(self, parts: Sequence[Mapping[str, Any]], *, is_sent: bool) -> None:
        choices = options([("", gettext("Leave out")), *((s, str(k)) for s, k in KINDS.items())])
        fields = {
            f"part-{number}": SelectField(part["name"], choices=choices, default=part["sheet"])
            for number, part in enumerate(parts)
        }
        self.form = _form(fields, is_sent=is_sent)
        self.parts = [(part, self.form[f"part-{n}"]) for n, part in enumerate(parts)]

    def chosen(self) -> list[str]:
        """Return the kind of each part, in their order; empty for what is left out."""
        return [field.data or "" for _part, field in self.parts]


class ColumnsForm:
    """For each of our columns the heading that stands for it."""

    def __init__(
        self,
        parts: Mapping[Sheet, Mapping[str, Any]],
        chosen: Mapping[Sheet, Mapping[str, str]],
        *,
        is_sent: bool,
    ) -> None:
        self._headings = {sheet: part["headings"] for sheet, part in parts.items()}
        fields = {
            f"{sheet}-{column.name}": _column_field(
                column.name, part, chosen.get(sheet, {}), is_required=column.is_required
            )
            for sheet, part in parts.items()
            for column in COLUMNS[sheet]
        }
        self.form = _form(fields, is_sent=is_sent)

    def fields(self, sheet: Sheet) -> list[Field]:
        """Return the fields of one kind."""
        return [self.form[f"{sheet}-{column.name}"] for column in COLUMNS[sheet]]

    def chosen(self) -> dict[Sheet, dict[str, str]]:
        """Return the heading for each column that has one."""
        return {
            sheet: {
                column.name: headings[int(field.data)]
                for column, field in zip(COLUMNS[sheet], self.fields(sheet), strict=True)
                if field.data
            }
            for sheet, headings in self._headings.items()
        }

    def left_out(self, sheet: Sheet) -> list[str]:
        """List the headings that are not imported as the form stands."""
        taken = {field.data for field in self.fields(sheet)}
        headings = self._headings[sheet]
        return [h for index, h in enumerate(headings) if h and str(index) not in taken]

    def validate(self) -> bool:
        """Check that nothing needed is missing and no heading stands for two columns."""
        is_valid: bool = self.form.validate()
        for sheet in self._headings:
            seen: dict[str, Field] = {}
            for column, field in zip(COLUMNS[sheet], self.fields(sheet), strict=True):
                if column.is_required and not field.data:
                    field.errors = [gettext("Choose the heading that holds it: each row needs it.")]
                elif field.data and field.data in seen:
                    first = seen[field.data].label.text
                    field.errors = [
                        gettext("This heading stands for %(first)s already.", first=first)
                    ]
                seen.setdefault(field.data or "", field)
                is_valid = is_valid and not field.errors
        return is_valid


def _column_field(
    name: str, part: Mapping[str, Any], chosen: Mapping[str, str], *, is_required: bool
) -> SelectField:
    headings: list[str] = part["headings"]
    heading = chosen.get(name)
    label = name.replace("_", " ").capitalize()
    empty = gettext("Choose a heading") if is_required else gettext("Not in this file")
    return SelectField(
        gettext("%(column)s (needed)", column=label) if is_required else label,
        choices=options(
            [
                ("", empty),
                *(
                    (str(index), f"{column_letters(index)}: {_with_example(index, part)}")
                    for index, each in enumerate(headings)
                    if each
                ),
            ]
        ),
        default=str(headings.index(heading)) if heading in headings else "",
    )


def _with_example(index: int, part: Mapping[str, Any]) -> str:
    heading, example = part["headings"][index], part["examples"][index]
    if not example:
        return str(heading)
    return str(gettext("%(heading)s, as in %(example)s", heading=heading, example=example))


def _form(fields: Mapping[str, Any], *, is_sent: bool) -> ConsoleForm:
    form_class = cast("type[ConsoleForm]", type("ImportFields", (ConsoleForm,), dict(fields)))
    return form_class() if is_sent else form_class(formdata=None)
