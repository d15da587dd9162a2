"""What can go wrong, in one tree.

::

    SurveyappError
    ├── NotFound            there is no such thing, or the asker may not know of it
    ├── Forbidden           it exists, and this person may not do that
    ├── Conflict            the thing is not in a state in which that can be done
    │   └── WaveStateError
    ├── Invalid             what was handed in is wrong; ``problems`` names every place
    │   ├── QuestionnaireError
    │   └── ImportRefused
    └── Unavailable         a part we depend on does not answer; trying again may help

The message is a sentence for a person; ids travel in attributes. Web maps these to pages, the
command line to an exit code, jobs to retry or fail, each in one place.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong with a file a person wrote, its place and the remedy."""

    place: str
    """Where: ``file:line:column`` for text files, ``file!C7`` for sheets."""
    message: str
    """What is wrong, and what to do about it."""

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class SurveyappError(Exception):
    """Anything surveyapp refuses or fails to do."""


class NotFound(SurveyappError):
    """There is no such thing, or the asker may not know of it."""


class Forbidden(SurveyappError):
    """It exists, and this person may not do that."""


class Conflict(SurveyappError):
    """The thing is not in a state in which that can be done."""


class WaveStateError(Conflict):
    """The wave's state does not allow that step."""


class Invalid(SurveyappError):
    """What was handed in is wrong."""

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.problems = list(problems)


class QuestionnaireError(Invalid):
    """A questionnaire definition cannot be used."""


class ImportRefused(Invalid):
    """A file to import has problems; nothing was stored."""


class Unavailable(SurveyappError):
    """A part we depend on does not answer; trying again may help."""
