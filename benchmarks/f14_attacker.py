"""F14: an attacker who knows everybody asked tries to learn who said what.

With the database itself, its transaction ids, order, times, samples and files, the log, a backup made
after the close, and every page and PDF a role can obtain. Two scenes: an anonymous wave after its close
(``benchmarks.f14_anonymous``), and two runs of a confidential wave with a late answer between them
(``benchmarks.f14_confidential``). Each attack that works counts.

Backups, replicas and PostgreSQL's own log (``pg_wal``) from before the close hold what was there then:
the notice respondents read says so, and what is still in ``pg_wal`` is told in the detail.

Run: ``python -m benchmarks.f14_attacker [--quick]``.
"""

from benchmarks import f14_anonymous, f14_confidential
from benchmarks.stage import Outcome, Stage, main


def play(stage: Stage, tries: int) -> Outcome:
    """Set up both scenes in turn and attack them; ``tries`` people answer anonymously."""
    outcome = Outcome()
    f14_anonymous.attack(stage, outcome, people=tries)
    f14_confidential.attack(stage, outcome)
    return outcome


if __name__ == "__main__":
    main("F14", "successes", play, tries=120, quick=30, description=__doc__ or "")
