"""What copies of handles have in place of a service: calls go in, an error that says what to do comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from segtoolkit.errors import APIError, ConfigError
from segtoolkit.models import JobRecord


class NoCalls:
    """Stands where the client was: connections and credentials are not pickled."""

    def read_job(self, job_id: str) -> JobRecord:
        raise ConfigError(
            f"this copy of job {job_id} has no connection; client.get({job_id!r}) has"
        )

    def read_jobs(self, job_ids: Sequence[str]) -> Mapping[str, JobRecord | APIError]:
        return {job_id: self.read_job(job_id) for job_id in job_ids}

    def cancel_job(self, job_id: str) -> None:
        self.read_job(job_id)
