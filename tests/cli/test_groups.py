"""The root command: quick, complete, and every refusal an exit code with all its problems."""

import importlib
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from surveyapp.cli import commands
from surveyapp.cli.groups import REFUSED, Commands
from surveyapp.errors import ImportRefused, NotFound, Problem, SurveyappError

HEAVY = {"flask", "scipy", "numpy", "weasyprint", "sqlalchemy"}


@pytest.mark.parametrize("name", sorted(commands.parts))
def test_every_part_loads_and_has_the_summary_the_list_shows(name: str) -> None:
    module, summary = commands.parts[name]
    command = importlib.import_module(module).command
    assert isinstance(command, click.Command)
    assert command.name == name
    assert summary
    shown = CliRunner().invoke(commands, [name, "--help"])
    assert shown.exit_code == 0
    assert command.help


def test_every_module_of_the_command_line_is_listed_or_a_part_of_one() -> None:
    folder = Path(importlib.import_module("surveyapp.cli").__file__ or "").parent
    with_command = {
        path.stem
        for path in folder.glob("*.py")
        if "\ndef command(" in path.read_text(encoding="utf-8")
    }
    assert with_command == set(commands.parts)


def test_help_lists_every_part() -> None:
    shown = CliRunner().invoke(commands, ["--help"])
    assert shown.exit_code == 0
    for name, (_, summary) in commands.parts.items():
        assert name in shown.output
        assert summary in shown.output


def test_help_comes_without_loading_the_heavy_parts() -> None:
    program = (
        "import sys; from surveyapp.cli import commands\n"
        f"commands(['--help'], standalone_mode=False); print(sorted({HEAVY} & set(sys.modules)))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.splitlines()[-1] == "[]"


def test_help_is_quick() -> None:
    started = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "surveyapp.cli", "--help"], capture_output=True, check=True
    )
    assert time.monotonic() - started < 2


def test_an_unknown_command_is_a_usage_error() -> None:
    assert CliRunner().invoke(commands, ["wavse"]).exit_code == REFUSED


@pytest.mark.parametrize(
    ("error", "lines"),
    [
        (NotFound("There is no wave 'x'."), ["Error: There is no wave 'x'."]),
        (
            ImportRefused(
                "Nothing was imported.", [Problem("a.csv!A1", "one."), Problem("a.csv!B2", "two.")]
            ),
            [
                "a.csv!A1: one.",
                "a.csv!B2: two.",
                "Error: Nothing was imported. 2 problems, listed above.",
            ],
        ),
    ],
)
def test_a_refusal_prints_every_problem_and_no_traceback(
    error: SurveyappError, lines: list[str]
) -> None:
    @click.command("refuse")
    def refuse() -> None:
        raise error

    root = Commands(parts={}, name="root")
    root.get_command = lambda _ctx, _name: refuse  # type: ignore[method-assign]  # one command is enough
    result = CliRunner().invoke(root, ["refuse"])
    assert result.exit_code == REFUSED
    assert result.stderr.splitlines() == lines
    assert result.stdout == ""
