"""Overlays: the texts of a questionnaire in another language, by id."""

from pydantic import Field

from surveyapp.questionnaires.parts import Code, Identifier, Label, Part, Prose, Short, Text


class ItemWording(Part):
    """The texts of one item or row in another language."""

    text: Text | None = None
    hint: Text | None = None
    message: Text | None = None
    short: Short | None = None
    low: Label | None = None
    high: Label | None = None
    unit: Label | None = None
    options: dict[Code, Label] = Field(default_factory=dict)
    says: dict[Code, Label] | None = None
    """The words of an option's own line, by the option's code."""
    escape: Label | None = None


class SectionWording(Part):
    """The texts of one section in another language."""

    title: Label | None = None
    introduction: Prose | None = None


class ScaleWording(Part):
    """The texts of one scale in another language."""

    labels: dict[int, Label] = Field(default_factory=dict)
    escape: Label | None = None


class AssuredWording(Part):
    """The words of ``assured`` items in another language."""

    yes: Label | None = None
    partly: Label | None = None
    no: Label | None = None
    na: Label | None = None
    missing: Label | None = None
    reason: Label | None = None


class Wording(Part):
    """An overlay: the texts of a questionnaire in another language, by id, and nothing else."""

    title: Label | None = None
    introduction: Prose | None = None
    scales: dict[Identifier, ScaleWording] = Field(default_factory=dict)
    dimensions: dict[Identifier, Label] = Field(default_factory=dict)
    assured: AssuredWording | None = None
    sections: dict[Identifier, SectionWording] = Field(default_factory=dict)
    items: dict[Identifier, ItemWording] = Field(default_factory=dict)
