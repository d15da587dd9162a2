"""Forms as a browser sees them: what a page offers to fill in, found in its HTML."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass(slots=True)
class Form:
    """One form: where it goes and what it would send as it stands."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    """Hidden fields, what is ticked, and texts as they stand."""
    choices: dict[str, list[str]] = field(default_factory=dict)
    """Radio buttons and boxes: the values offered under each name."""
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def tick(self, name: str, value: str) -> None:
        """Choose an answer that the page offers.

        Raises
        ------
        ValueError
            The page offers no such answer.
        """
        if value not in self.choices.get(name, []):
            raise ValueError(f"The page offers no {value!r} under {name!r}.")
        self.values[name] = value

    def press(self, value: str = "") -> dict[str, str]:
        """Return what the browser sends when the button of that value is pressed."""
        pressed = {name: text for name, text in self.buttons if name and text == value}
        return self.values | pressed


def find_forms(html: str) -> list[Form]:
    """Find all forms of a page."""
    reader = _Reader()
    reader.feed(html)
    return reader.forms


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._text: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form is None:
            return
        elif tag == "input":
            self._input(self._form, given, is_ticked=any(name == "checked" for name, _ in attrs))
        elif tag == "textarea":
            self._text = given["name"]
            self._form.values[self._text] = ""
        elif tag == "button":
            self._form.buttons.append((given.get("name", ""), given.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._text = None

    def handle_data(self, data: str) -> None:
        if self._form is not None and self._text is not None:
            self._form.values[self._text] += data

    @staticmethod
    def _input(form: Form, given: dict[str, str], *, is_ticked: bool) -> None:
        name, value = given.get("name", ""), given.get("value", "on")
        if given.get("type") in {"radio", "checkbox"}:
            form.choices.setdefault(name, []).append(value)
            if is_ticked:
                form.values[name] = value
        elif name:
            form.values[name] = given.get("value", "")
