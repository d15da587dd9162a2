"""The documents cover every setting, command and account column, and name only what exists."""

import dataclasses
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from surveyapp.cli import commands
from surveyapp.services.access import MAY, TOPICS
from surveyapp.services.account_sheets import COLUMNS
from surveyapp.settings import Settings

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
TEXT = "\n".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)


def settings_read() -> set[str]:
    source = Path(importlib.import_module(Settings.__module__).__file__ or "")
    return set(re.findall(r"SURVEYAPP_[A-Z_]+", source.read_text(encoding="utf-8")))


def walk(command: click.Command, name: str) -> Iterator[str]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for part in command.list_commands(context):
            found = command.get_command(context, part)
            assert found is not None
            yield from walk(found, f"{name} {part}")
    else:
        yield name


COMMANDS = sorted(walk(commands, "surveyapp"))


def test_every_setting_has_a_variable() -> None:
    assert len(settings_read()) >= len(dataclasses.fields(Settings))


@pytest.mark.parametrize("setting", sorted(settings_read()))
def test_every_setting_is_in_the_deploy_guide(setting: str) -> None:
    assert f"`{setting}`" in (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")


def test_documents_name_no_setting_that_is_not_read() -> None:
    assert set(re.findall(r"SURVEYAPP_[A-Z_]+", TEXT)) <= settings_read()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_documents(command: str) -> None:
    assert re.search(rf"{command}\b", TEXT)


def test_documents_name_no_command_that_does_not_exist() -> None:
    groups = {command.split()[1] for command in COMMANDS}
    named = re.findall(r"^ {4,}surveyapp ([a-z]+)(?: ([a-z]+))?", TEXT, re.MULTILINE)
    assert named
    for first, second in named:
        assert first in groups
        if f"surveyapp {first}" not in COMMANDS:
            assert f"surveyapp {first} {second}" in COMMANDS


@pytest.mark.parametrize("sheet", COLUMNS)
def test_every_account_column_is_in_the_start_guide(sheet: str) -> None:
    guide = (ROOT / "docs" / "start.md").read_text(encoding="utf-8")
    part = guide.partition(f"**{sheet}.csv**")[2].partition(".csv**, key")[0]
    for column in COLUMNS[sheet]:
        assert re.search(rf"\b{column.name}\b", part), column.name
        if column.is_required:
            assert f"**{column.name}**" in part, column.name


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8"))
    for target in targets:
        assert (document.parent / target).exists(), target


def test_every_make_target_used_in_the_documents_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    defined = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    # in code only: "make one" in a sentence is no command
    named = set(re.findall(r"(?:`|^ {4})make ([a-z]+)", TEXT, re.MULTILINE))
    assert {"demo", "test"} <= named <= defined


def test_the_table_of_roles_in_the_documents_is_the_one_in_the_code() -> None:
    guide = (ROOT / "docs" / "concepts.md").read_text(encoding="utf-8")
    assert f"| may | {' | '.join(role.value for role in MAY)} |" in guide
    for topic, actions in TOPICS.items():
        cells = ["yes" if set(actions) <= may else "no" for may in MAY.values()]
        assert f"| {topic} | {' | '.join(cells)} |" in guide
