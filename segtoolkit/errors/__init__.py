"""Every exception of segtoolkit, in one tree.

::

    SegtoolkitError
    ├── ConfigError                 a setting is missing or contradicts another
    ├── DataError                   an input file or frame is not what it should be
    ├── StoreError                  the local store cannot be opened or used
    ├── PQLError                    an expression is refused; knows its position
    │   ├── PQLSyntaxError          it is not PQL
    │   ├── PQLTypeError            unknown field or function, operand of the wrong type
    │   └── PQLUnsupportedError     it is PQL, and cannot be evaluated here
    ├── APIError                    the service answered with an error
    │   ├── BadRequest              400, 405, 415, 422
    │   ├── Unauthenticated         401
    │   ├── PermissionDenied        403
    │   ├── NotFound                404, 410
    │   ├── Conflict                409
    │   ├── RateLimited             429
    │   └── ServerError             5xx
    ├── TransportError              no answer, or one that is not the protocol
    ├── EstimateError               the service is fine, the estimate is not; carries it
    │   ├── EstimateFailed
    │   └── EstimateTimeout         also a TimeoutError: it was still being refined
    ├── GroupTimeout                also a TimeoutError: we stopped waiting, the jobs live on
    ├── GuardError                  a submission that a guard was told to refuse
    └── JobError                    the service is fine, the job is not; carries the job
        ├── JobFailed
        ├── JobCancelled
        ├── JobTimeout              also a TimeoutError: we stopped waiting, the job lives on
        ├── PollFailed              its state could not be read for too long
        └── SubmitUncertain         the service may or may not have started it
    UserWarning
    ├── GuardWarning                a submission that is probably not what was meant
    ├── PQLWarning                  an expression was taken, and is probably not what was meant
    └── StaleAudienceWarning        members are of other data than what the store holds now
"""

from __future__ import annotations

from segtoolkit.errors.base import (
    ConfigError,
    DataError,
    SegtoolkitError,
    StaleAudienceWarning,
    StoreError,
)
from segtoolkit.errors.jobs import (
    EstimateError,
    EstimateFailed,
    EstimateTimeout,
    GroupTimeout,
    GuardError,
    GuardWarning,
    JobCancelled,
    JobError,
    JobFailed,
    JobTimeout,
    PollFailed,
    SubmitUncertain,
)
from segtoolkit.errors.pql import (
    PQLError,
    PQLSyntaxError,
    PQLTypeError,
    PQLUnsupportedError,
    PQLWarning,
)
from segtoolkit.errors.service import (
    APIError,
    BadRequest,
    Conflict,
    NotFound,
    PermissionDenied,
    RateLimited,
    ServerError,
    TransportError,
    Unauthenticated,
)

__all__ = [
    "APIError",
    "BadRequest",
    "ConfigError",
    "Conflict",
    "DataError",
    "EstimateError",
    "EstimateFailed",
    "EstimateTimeout",
    "GroupTimeout",
    "GuardError",
    "GuardWarning",
    "JobCancelled",
    "JobError",
    "JobFailed",
    "JobTimeout",
    "NotFound",
    "PQLError",
    "PQLSyntaxError",
    "PQLTypeError",
    "PQLUnsupportedError",
    "PQLWarning",
    "PermissionDenied",
    "PollFailed",
    "RateLimited",
    "SegtoolkitError",
    "ServerError",
    "StaleAudienceWarning",
    "StoreError",
    "SubmitUncertain",
    "TransportError",
    "Unauthenticated",
]
