"""Jobs and estimates that did not come to a good end; each error carries its handle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from segtoolkit.errors.base import SegtoolkitError

if TYPE_CHECKING:
    from segtoolkit.jobs import Job, JobGroup
    from segtoolkit.models import Estimate


class EstimateError(SegtoolkitError):
    """The service works, the estimate does not.

    Attributes:
        estimate: as it stood when last read; its numbers may still be rough.
    """

    def __init__(self, message: str, estimate: Estimate) -> None:
        super().__init__(message)
        self.estimate = estimate

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (str(self), self.estimate))


class EstimateFailed(EstimateError):
    """The estimate ended FAILED."""


class EstimateTimeout(EstimateError, TimeoutError):
    """We stopped waiting for the estimate."""


class GroupTimeout(SegtoolkitError, TimeoutError):
    """We stopped waiting for a group; its jobs live on.

    Attributes:
        group: the handle of all of them; it can be waited for again.
    """

    def __init__(self, message: str, group: JobGroup) -> None:
        super().__init__(message)
        self.group = group

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (str(self), self.group))


class GuardError(SegtoolkitError):
    """A guard refused to submit; nothing was sent. The message says what is doubtful."""


class GuardWarning(UserWarning):
    """A submission is probably not what was meant; the message says what is doubtful."""


class JobError(SegtoolkitError):
    """The service works, the job does not.

    Attributes:
        job: the handle; it can be waited for, cancelled or inspected further.
    """

    def __init__(self, message: str, job: Job) -> None:
        super().__init__(message)
        self.job = job

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (str(self), self.job))


class JobFailed(JobError):
    """The job ended FAILED; ``errors`` says why as far as the service told."""

    @property
    def errors(self) -> tuple[Any, ...]:
        return tuple(self.job.errors)


class JobCancelled(JobError):
    """The job ended CANCELLED."""


class JobTimeout(JobError, TimeoutError):
    """We stopped waiting; the job lives on."""


class PollFailed(JobError):
    """The job's state could not be read for too long; the job may well be running."""


class SubmitUncertain(SegtoolkitError):
    """The service may or may not have started the job; submitting again may start a second one.

    Attributes:
        candidates: jobs found afterwards that might be the one.
    """

    def __init__(self, message: str, candidates: tuple[Job, ...] = ()) -> None:
        super().__init__(message)
        self.candidates = candidates

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (str(self), self.candidates))
