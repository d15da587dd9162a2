"""Waking workers: a port and its adapters. Job rows are the truth; a lost wake costs only time."""

import uuid
from collections.abc import Sequence
from typing import Protocol


class Queue(Protocol):
    """Tells workers that jobs are waiting."""

    def wake(self, job_ids: Sequence[uuid.UUID]) -> None:
        """Tell workers that these jobs can be claimed."""

    def wait(self, seconds: float) -> bool:
        """Sleep until somebody wakes us or the time is over; True when woken."""

    def close(self) -> None:
        """Let go of connections."""
