"""Report packs: a folder an author edits, with the report's settings, template, style and sample."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from surveyapp import resources
from surveyapp.errors import Invalid, NotFound, Problem
from surveyapp.reports.context import PortfolioContext, ScorecardContext

ReportContext = ScorecardContext | PortfolioContext

_CONTEXTS: Final = {"scorecard": ScorecardContext, "portfolio": PortfolioContext}
_SHARED: Final = "_shared"
_SAMPLE: Final = "sample.json"


class Report(BaseModel):
    """The settings of a pack, in its ``report.yaml``."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    title: str
    context: Literal["scorecard", "portfolio"]
    """Which context the template is written for."""
    locales: Annotated[list[str], Field(min_length=1)]
    """Languages the template is written in, for example ``en``."""


@dataclass(frozen=True, slots=True)
class Pack:
    """One report pack on disk."""

    name: str
    folder: Path
    report: Report

    @property
    def shared(self) -> Path:
        """The folder of styles and macros that all packs share."""
        return shared_folder()

    @property
    def sha256(self) -> str:
        """Hash of every file that decides how a report looks, its sample left out."""
        digest = hashlib.sha256()
        for folder in (self.folder, self.shared):
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                if path.name != _SAMPLE:
                    name = path.relative_to(folder).as_posix()
                    content = hashlib.sha256(path.read_bytes()).hexdigest()
                    digest.update(f"{name} {content}\n".encode())
        return digest.hexdigest()

    @property
    def stylesheets(self) -> list[Path]:
        """Style files, the shared one first."""
        return [self.shared / "base.css", self.folder / "style.css"]

    @property
    def is_bundled(self) -> bool:
        """Whether it ships with surveyapp; any other is somebody's own and not trusted."""
        return self.folder.resolve().is_relative_to(resources.bundled("reports").resolve())

    def require_contained(self) -> None:
        """Refuse a pack in which a link leads out of its folder.

        Raises
        ------
        Invalid
            A template or style could read what the link leads to.
        """
        inside = self.folder.resolve()
        for path in sorted(self.folder.rglob("*")):
            if not path.resolve().is_relative_to(inside):
                raise Invalid(
                    f"The pack {self.name} cannot be rendered. {path} leads out of the pack: "
                    "put a copy of the file in its place."
                )

    def sample(self) -> ReportContext:
        """Read the sample context, so that a designer needs no data; a pack may bring its own."""
        path = self.folder / _SAMPLE
        if not path.is_file():
            path = resources.bundled("reports") / self.report.context / _SAMPLE
        if self.report.context == "scorecard":
            return ScorecardContext.from_json(path.read_bytes(), place=str(path))
        return PortfolioContext.from_json(path.read_bytes(), place=str(path))

    def require(self, context: ReportContext) -> None:
        """Refuse a context this pack was not written for.

        Raises
        ------
        Invalid
            It is another kind of report, or in a language the template does not have.
        """
        if not isinstance(context, _CONTEXTS[self.report.context]):
            raise Invalid(
                f"The pack {self.name} renders a {self.report.context}, "
                f"not a {type(context).__name__}."
            )
        language = context.locale.split("_")[0]
        if language not in self.report.locales:
            known = ", ".join(self.report.locales)
            raise Invalid(
                f"The pack {self.name} is written in {known}, not in {language!r}. "
                "Choose one of its locales, or add the language to the pack."
            )


def shared_folder() -> Path:
    """Return the folder of styles and macros that all packs share."""
    return resources.bundled("reports") / _SHARED


def find(name: str, folders: Sequence[Path] = ()) -> Pack:
    """Return the pack of that name; the operator's folders are searched before the bundled ones.

    Raises
    ------
    NotFound
        No folder holds such a pack; the message names those there are.
    Invalid
        Its ``report.yaml`` is wrong; every problem is named.
    """
    places = [*folders, resources.bundled("reports")]
    for place in places:
        if name in _names(place):
            return _load(name, place / name)
    known = sorted({known for place in places for known in _names(place)})
    raise NotFound(f"There is no report pack {name!r}. There are: {', '.join(known)}.")


def at(folder: Path) -> Pack:
    """Read the pack in a folder.

    Raises
    ------
    NotFound
        The folder holds no ``report.yaml``.
    Invalid
        Its ``report.yaml`` is wrong; every problem is named.
    """
    folder = folder.resolve()
    if not (folder / "report.yaml").is_file():
        raise NotFound(f"{folder} is no report pack: it holds no report.yaml.")
    return _load(folder.name, folder)


def bundled() -> list[Pack]:
    """Every pack that ships with surveyapp, by name."""
    place = resources.bundled("reports")
    return [_load(name, place / name) for name in _names(place)]


def _names(place: Path) -> list[str]:
    return sorted(path.parent.name for path in place.glob("*/report.yaml"))


def _load(name: str, folder: Path) -> Pack:
    path = folder / "report.yaml"
    try:
        settings = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Pack(name, folder, Report.model_validate(settings))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        problem = Problem(f"{path}{line}", f"{getattr(error, 'problem', error)}. Write valid YAML.")
        raise Invalid(f"{path} is not valid YAML.", [problem]) from error
    except ValidationError as error:
        problems = [
            Problem(f"{path}:{'.'.join(map(str, item['loc']))}", item["msg"])
            for item in error.errors()
        ]
        raise Invalid(f"{path} does not describe a report pack.", problems) from error
