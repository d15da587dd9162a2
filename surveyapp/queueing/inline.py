"""A queue that only remembers: for tests and for commands that carry their jobs out themselves."""

import uuid
from collections.abc import Sequence


class InlineQueue:
    """Keeps the ids it was woken with; whoever owns the process runs them."""

    def __init__(self) -> None:
        self.waiting: list[uuid.UUID] = []

    def wake(self, job_ids: Sequence[uuid.UUID]) -> None:
        """Remember the jobs."""
        self.waiting.extend(job_ids)

    def wait(self, seconds: float) -> bool:  # noqa: ARG002 nobody else can wake this process
        """Say whether anything waits, at once; forget what did."""
        was_woken, self.waiting = bool(self.waiting), []
        return was_woken

    def close(self) -> None:
        """Nothing is held."""
