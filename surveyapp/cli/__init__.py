"""The command line: thin commands over the same services as the pages."""

import os

from surveyapp.cli.groups import Commands

commands = Commands(
    name="surveyapp",
    help="Measure business relationships: ask both sides, score with honest uncertainty, report.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    parts={
        "accounts": ("surveyapp.cli.accounts", "Load organisations, relationships and people."),
        "database": ("surveyapp.cli.database", "Create the tables and move them between versions."),
        "jobs": ("surveyapp.cli.jobs", "See what waits or failed; try it again."),
        "kpis": ("surveyapp.cli.kpis", "Say which facts count, and load them."),
        "pages": ("surveyapp.cli.pages", "Serve the pages alone."),
        "programmes": ("surveyapp.cli.programmes", "Start programmes."),
        "questionnaires": ("surveyapp.cli.questionnaires", "Check and read questionnaires."),
        "references": ("surveyapp.cli.references", "See and import what scores are read against."),
        "reports": ("surveyapp.cli.reports", "See how report packs look."),
        "scorecards": ("surveyapp.cli.scorecards", "Get all scorecards of a wave in one ZIP."),
        "scores": ("surveyapp.cli.scores", "Recompute, compare, try other weights."),
        "serve": ("surveyapp.cli.serve", "Run pages and worker together on this machine."),
        "users": ("surveyapp.cli.users", "Let people sign in, and give them roles."),
        "verify": ("surveyapp.cli.verify", "Check a PDF: signature, numbers, pages."),
        "waves": ("surveyapp.cli.waves", "Ask, close, score, report."),
        "worker": ("surveyapp.cli.worker", "Carry out jobs: invitations, mail, scores, documents."),
    },
)


def main() -> None:
    """Run the console script ``surveyapp``."""
    # what it writes holds answers, links and keys: for its owner alone
    os.umask(0o077)
    commands()
