"""What a score of 50 means: the origin of the reference set, in every report beside its scores."""

from typing import Final

from surveyapp.reports.context import Reference
from surveyapp.reports.numbers import Numbers
from surveyapp.reports.sentences import short_name

_LONGEST: Final = 32
"""Letters of a wave or a source, so that the sentence stays a line or two."""


def fifty(reference: Reference, name: str, numbers: Numbers) -> str:
    """Say whose mean 50 is, and where that mean comes from."""
    if reference.origin == "assumed" or reference.frozen_on is None:
        return numbers.say(
            "50 is the mean of the reference set %(name)s: assumed, not estimated.", name=name
        )
    count, day = numbers.count(reference.relationships), numbers.day(reference.frozen_on)
    if reference.origin == "own":
        return numbers.say(
            "50 is the mean of your own %(count)s relationships of %(wave)s, frozen on %(day)s; the level mix of that wave is not a finding.",
            count=count,
            wave=short_name(reference.source, _LONGEST),
            day=day,
        )
    return numbers.say(
        "50 is the mean of the imported reference set %(name)s: %(count)s relationships, %(source)s, as of %(day)s.",
        name=name,
        count=count,
        source=short_name(reference.source, _LONGEST),
        day=day,
    )
