"""The common ground of every piece of a definition: strict, frozen, with checked ids and texts."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
QuestionnaireId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=64)]
Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]*$", max_length=40)]
AnswerId = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_]*(@[a-z0-9_]+)?(\.[a-z0-9_]+)?$", max_length=100)
]
"""An item's or row's id; in a repeated section with ``@`` and the code it is about; words with ``.``."""
LOCALE: Final = r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$"
Locale = Annotated[str, Field(pattern=LOCALE)]
Label = Annotated[str, Field(min_length=1, max_length=120)]
Short = Annotated[str, Field(min_length=1, max_length=40)]
Text = Annotated[str, Field(min_length=1, max_length=1000)]
Prose = Annotated[str, Field(min_length=1, max_length=4000)]
Share = Annotated[float, Field(ge=0, le=1)]


class Part(BaseModel):
    """A piece of a definition: unknown keys and loose types are refused."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")
