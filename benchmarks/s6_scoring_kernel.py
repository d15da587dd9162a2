"""The scoring kernel of bar S6: moments and posterior of a million answers, and of ten times that.

One dimension in ten is missing at random, so that nearly every pattern of answers occurs. Run: ``python -m benchmarks.s6_scoring_kernel [--quick]``.
"""

import argparse
import resource
import time

import numpy as np

from benchmarks.report import report
from surveyapp.scoring.norms import assumed_reference
from surveyapp.scoring.state import estimate_moments, pool, posterior

RESPONDENTS, GROUPS, ENTRIES = 50_000, 8_000, 8
_ANSWERS_PER_ENTRY = 2.5
"""Twenty items in eight dimensions: a million answers become 400,000 entries."""
_MISSING = 0.1


def wave(times: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Make the vectors of a wave ``times`` the size, and the relationship of each respondent."""
    respondents, groups = RESPONDENTS * times, GROUPS * times
    group = np.sort(rng.integers(0, groups, respondents))
    true = rng.normal(70, 12, (groups, 1)) + rng.normal(0, 6, (groups, ENTRIES))
    y = true[group] + rng.normal(0, 18, (respondents, ENTRIES))
    y[rng.random(y.shape) < _MISSING] = np.nan
    return np.round(y * 10_000) / 10_000, group


def score(y: np.ndarray, group: np.ndarray, groups: int) -> float:
    """Score everything once; return the seconds it took."""
    started = time.perf_counter()
    moments = pool(estimate_moments(y, group, groups), assumed_reference(ENTRIES))
    found = posterior(y, group, groups, moments)
    found.contrast(np.full(ENTRIES, 1 / ENTRIES))
    return time.perf_counter() - started


def main() -> None:
    """Print seconds and memory of both sizes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    rounds = 3 if parser.parse_args().quick else 7
    rng = np.random.default_rng(1)
    seconds, memory = {}, {}
    for times in (1, 10):
        y, group = wave(times, rng)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        seconds[times] = min(score(y, group, GROUPS * times) for _ in range(rounds))
        memory[times] = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        answers = RESPONDENTS * times * ENTRIES * _ANSWERS_PER_ENTRY
        print(f"{answers:,.0f} answers: {seconds[times]:.2f} s, {memory[times]:.0f} MB more")
    ratio = seconds[10] / seconds[1]
    print(f"ten times the answers cost {ratio:.1f} times the time")
    detail = {
        "ten_times_s": round(seconds[10], 3),
        "ratio": round(ratio, 2),
        "memory_mb": round(memory[1]),
        "memory_ten_times_mb": round(memory[10]),
    }
    report("S6 kernel", round(seconds[1], 3), "s", detail)


if __name__ == "__main__":
    main()
