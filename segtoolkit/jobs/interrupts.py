"""What Ctrl-C or ■ does to somebody who waits for a job: a note on it, and on the screen, says what."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from segtoolkit import interrupted
from segtoolkit.errors import SegtoolkitError
from segtoolkit.progress import Progress, Shown

if TYPE_CHECKING:
    from segtoolkit.jobs.job import Job

OnInterrupt = Literal["detach", "cancel"]


@contextmanager
def told_how_it_ends(
    waited: Shown, shown: Progress, give_up: Callable[[KeyboardInterrupt], None]
) -> Iterator[None]:
    """Leave on the screen why waiting within ended early; *give_up* says so of an interrupt."""
    try:
        yield
    except KeyboardInterrupt as interrupt:
        give_up(interrupt)
        raise
    except SegtoolkitError as error:
        shown.leave(waited, f"stopped waiting: {error}")
        raise
    finally:
        shown.close()


def give_up(
    job: Job, interrupt: KeyboardInterrupt, shown: Progress, on_interrupt: OnInterrupt
) -> None:
    """Stop waiting for *job*, and cancel it if it is to go down with whoever waits."""
    # The note comes first: a second interrupt must not lose it.
    if on_interrupt == "detach":
        interrupted.note(interrupt, advice(job))
        shown.leave(job, "stopped waiting; the job lives on")
        return
    interrupted.note(
        interrupt, f"Cancelling job {job.id}; {_again(job)}.status shows whether it worked."
    )
    cancel_for(job, interrupt)
    shown.leave(job, "interrupted; asked the service to cancel the job")


def cancel_for(job: Job, error: BaseException) -> None:
    """Cancel *job* because of *error*, which matters more than a failure to do so."""
    try:
        job.cancel()
    except (SegtoolkitError, KeyboardInterrupt) as failure:
        error.add_note(
            f"Job {job.id} could not be cancelled and may live on; "
            f"{_again(job)}.cancel() tries again: {failure!r}"
        )


def advice(job: Job) -> str:
    """Say how to come by *job* again."""
    return (
        f"Stopped waiting; job {job.id} lives on. "
        f"{_again(job)}.wait() waits again, {_again(job)}.cancel() cancels it."
    )


def _again(job: Job) -> str:
    return f"client.get({job.id!r})"
