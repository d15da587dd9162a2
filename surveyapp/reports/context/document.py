"""Contexts as JSON, so that a pack can hold a sample and a card can be drawn again."""

import functools
from typing import Any, Self

from pydantic import TypeAdapter, ValidationError

from surveyapp.errors import Invalid, Problem


class Document:
    """A context that can be written as JSON and read back."""

    __slots__ = ()

    @classmethod
    def from_json(cls, text: str | bytes, *, place: str = "sample.json") -> Self:
        """Read what ``to_json`` wrote; every problem is named with its place."""
        try:
            read: Self = cls._adapter().validate_json(text)
        except ValidationError as error:
            problems = [
                Problem(f"{place}:{'.'.join(map(str, item['loc']))}", item["msg"])
                for item in error.errors()
            ]
            raise Invalid(f"{place} is not a {cls.__name__}.", problems) from error
        return read

    def to_json(self) -> str:
        """Write it as indented JSON, defaults left out."""
        written = self._adapter().dump_json(self, indent=1, exclude_defaults=True)
        return written.decode() + "\n"

    @classmethod
    @functools.cache
    def _adapter(cls) -> TypeAdapter[Any]:
        """Return what reads and writes this kind; to make it costs more than to use it."""
        return TypeAdapter(cls)
