"""How handouts look: their templates, filled; their folder and styles, as the writer of PDF wants them."""

import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from surveyapp import resources
from surveyapp.reports.filling import environment
from surveyapp.reports.numbers import Numbers
from surveyapp.reports.packs import shared_folder

_FOLDER: Final = "_handouts"


@dataclass(frozen=True, slots=True)
class Look:
    """A folder of templates and styles that ships with surveyapp and cannot be exchanged."""

    name: str
    folder: Path

    @property
    def stylesheets(self) -> list[Path]:
        """Style files, the one shared with reports first."""
        return [shared_folder() / "base.css", self.folder / "style.css"]

    @property
    def is_bundled(self) -> bool:
        """Whether it ships with surveyapp."""
        return True

    def fill(self, template: str, locale: str, **values: object) -> str:
        """Return the HTML of a handout, its own words in the reader's language."""
        numbers = Numbers(locale)
        words = {"numbers": numbers, "_": numbers.say}
        return environment(self.folder).get_template(template).render(**words, **values)


def look() -> Look:
    """Return the look of all handouts."""
    return Look("handouts", resources.bundled("reports") / _FOLDER)


@functools.cache
def look_sha256() -> str:
    """Hash every file that decides how a handout looks; read once per process."""
    digest = hashlib.sha256()
    files = sorted(look().folder.glob("*"))
    for path in (look().stylesheets[0], *(each for each in files if each.is_file())):
        digest.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()
