"""What the gateway before the service says: refusals, in its own envelope, and tokens."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any


class GatewayRefusal(Enum):
    """The published refusals: HTTP status, the gateway's code, message."""

    TOKEN_MISSING = (401, "403010", "Oauth token is missing.")
    TOKEN_INVALID = (401, "401013", "Oauth token is not valid")
    KEY_MISSING = (403, "403000", "Api Key is required")
    KEY_INVALID = (403, "403003", "Api Key is invalid")
    PROFILE_INVALID = (403, "403025", "Profile is not valid")
    HEADER_MISSING = (400, "400003", "Missing header")
    TOO_MANY_REQUESTS = (429, "429050", "Too many requests")

    @property
    def status(self) -> int:
        return self.value[0]


def gateway_error_to_json(refusal: GatewayRefusal) -> dict[str, str]:
    """Write the gateway's envelope."""
    _, code, message = refusal.value
    return {"error_code": code, "message": message}


def token_to_json(token: str, *, expires_in_s: int) -> dict[str, Any]:
    """Write the answer of the token endpoint, as client credentials get it."""
    return {"access_token": token, "token_type": "bearer", "expires_in": expires_in_s}


def token_refusal_to_json(error: str, description: str) -> dict[str, str]:
    """Write the token endpoint's refusal, such as ``invalid_client`` (RFC 6749, section 5.2)."""
    return {"error": error, "error_description": description}


def accepted_to_json(message: str) -> Mapping[str, Any]:
    """Write what a DELETE says when it has something to say."""
    return {"status": True, "message": message}
