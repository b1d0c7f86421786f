"""The identity service: a credential goes in, one request is made, a token or an error comes out."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx

from segtoolkit import wire
from segtoolkit.errors import APIError, ServerError, TransportError
from segtoolkit.unanswered import asked, transport_error


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """An OAuth Server-to-Server credential; *scopes* between commas, None sends none."""

    url: str
    client_id: str
    client_secret: str = field(repr=False)
    scopes: str | None = None


def ask_for_token(http: httpx.Client, credential: Credential) -> wire.Token:
    """Ask for a token.

    Raises:
        Unauthenticated: the credential is refused; ``code`` is such as ``invalid_client``.
        RateLimited, APIError: something else is refused.
        TransportError: there was no usable answer; what the token was for has not been sent.
    """
    try:
        response = http.post(credential.url, data=_form(credential))
    except httpx.RequestError as error:
        failure = transport_error(error, error.request)
        failure.was_sent = False
        raise failure from error
    text = response.text.replace(credential.client_secret, "***")
    refusal = _refusal(response, text)
    if isinstance(refusal, ServerError):
        raise TransportError(
            f"there is no token to be had: {refusal}", was_sent=False
        ) from refusal
    if refusal is not None:
        raise refusal
    try:
        return wire.token_from_json(response.json())
    except ValueError as error:
        raise TransportError(
            f"{asked(response.request)} was answered by {response.url.host} with HTTP "
            f"{response.status_code} and {wire.unreadable(text, error)}",
            was_sent=False,
        ) from None


def _form(credential: Credential) -> dict[str, str]:
    form = {
        "grant_type": "client_credentials",
        "client_id": credential.client_id,
        "client_secret": credential.client_secret,
    }
    return form if credential.scopes is None else form | {"scope": credential.scopes}


def _refusal(response: httpx.Response, text: str) -> APIError | None:
    if response.is_success and not wire.is_token_refusal(text):
        return None
    return wire.token_refusal_from_response(response.status_code, text, response.headers)
