"""How the command line is put together: parts load when called, refusals become an exit code."""

import importlib
from collections.abc import Mapping
from typing import Any

import click

from surveyapp.errors import Invalid, SurveyappError

REFUSED = 2
"""Exit code when surveyapp refuses: bad input, wrong state, nothing found."""


class Commands(click.Group):
    """The root command.

    Each part is imported when it is called, not before: SciPy and WeasyPrint take two seconds that
    nobody who asks for ``--help`` should wait. Click documents this pattern as "lazily loading
    subcommands"; the summaries stand here so that the list needs no import.
    """

    def __init__(self, *, parts: Mapping[str, tuple[str, str]], **settings: Any) -> None:  # noqa: ANN401 click's own settings
        super().__init__(**settings)
        self.parts = parts
        """Name of the command: its module, which holds it as ``command``, and its summary."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 signature of the base class
        """Return the names of all parts."""
        return sorted(self.parts)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 as above
        """Import the part that is called."""
        if cmd_name not in self.parts:
            return None
        module = importlib.import_module(self.parts[cmd_name][0])
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the parts with the summaries given here."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self.parts[name][1]) for name in self.list_commands(ctx)])

    def invoke(self, ctx: click.Context) -> object:
        """Turn what surveyapp refuses into sentences and an exit code, in this one place."""
        try:
            return super().invoke(ctx)
        except SurveyappError as error:
            raise Refusal(error) from error


class Refusal(click.ClickException):
    """A refusal as the command line shows it: every problem with its place, then the sentence."""

    exit_code = REFUSED

    def __init__(self, error: SurveyappError) -> None:
        super().__init__(str(error))
        self.problems = error.problems if isinstance(error, Invalid) else []

    def show(self, file: Any = None) -> None:  # noqa: ANN401 signature of the base class
        """Print to standard error."""
        for problem in self.problems:
            click.echo(str(problem), file=file, err=True)
        count = len(self.problems)
        suffix = (
            f" {count} {'problem' if count == 1 else 'problems'}, listed above." if count else ""
        )
        click.echo(f"Error: {self.format_message()}{suffix}", file=file, err=True)
