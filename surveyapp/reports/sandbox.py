"""Somebody's own pack, its template run by a process of its own.

The template environment keeps a template from reading and calling what it should not. It cannot keep one from
counting for hours, so an own pack is rendered by a child process whose time and memory the system
limits: ``python -m surveyapp.reports.sandbox`` reads one request from its input and writes HTML.
"""

import json
import math
import resource
import subprocess
import sys
from pathlib import Path
from typing import Final

from jinja2 import TemplateError

from surveyapp.errors import Invalid
from surveyapp.reports.filling import context_of, fill
from surveyapp.reports.packs import Pack, ReportContext, at

SECONDS: Final = 5
"""Processor time an own pack may use for its HTML."""
MEMORY: Final = 1 << 30
LONGEST: Final = 4_000_000
"""Characters of HTML: a four-page scorecard has about 150,000."""
_LONGEST_MESSAGE: Final = 300


def apart(pack: Pack, context: ReportContext, sheet: str) -> str:
    """Return the HTML of somebody's own pack, rendered by a process with limits.

    Raises
    ------
    Invalid
        The template is wrong, does what it may not, or takes too long, too much or writes too much.
    """
    request = {"folder": str(pack.folder), "context": context.to_json(), "sheet": sheet}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "surveyapp.reports.sandbox"],
            input=json.dumps(request),
            capture_output=True,
            encoding="utf-8",
            timeout=12 * SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _failed(pack, "Its template takes too long. Look for loops in it.") from error
    if done.returncode == 0:
        return done.stdout
    if done.returncode == 1 and done.stderr:
        raise _failed(pack, done.stderr.strip())
    raise _failed(pack, "Its template takes too long or too much memory. Look for loops in it.")


def _failed(pack: Pack, why: str) -> Invalid:
    return Invalid(f"The pack {pack.name} cannot be rendered. {why}")


def _limit() -> None:
    """Let the system end this process when it takes too much."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = math.ceil(used.ru_utime + used.ru_stime) + SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (until, until))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _child() -> int:
    """Read a request, write HTML; on the error stream say what is wrong with the template."""
    request = json.loads(sys.stdin.read())
    pack = at(Path(request["folder"]))
    context = context_of(pack, request["context"])
    _limit()
    try:
        written = fill(pack, context, request["sheet"])
    except MemoryError:
        why = "Its template takes too much memory. Look for loops in it."
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
        line = getattr(error, "lineno", None)
        why = f"{type(error).__name__}{f' in line {line}' if line else ''}: {error}"
    else:
        if len(written) <= LONGEST:
            sys.stdout.write(written)
            return 0
        why = f"Its template writes more than {LONGEST:,} characters. Look for loops in it."
    sys.stderr.write(why[:_LONGEST_MESSAGE])
    return 1


if __name__ == "__main__":
    sys.exit(_child())
