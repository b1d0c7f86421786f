"""What to do about a refusal: its code and status go in, half a sentence comes out."""

from __future__ import annotations

from collections.abc import Mapping

_RENEW = (
    "give a new token, or client_id, client_secret and scopes, so that tokens are renewed"
)
_ACCESS = (
    "look at org and sandbox, and whether the credential has a product profile that opens "
    "this sandbox"
)

# Six digits are the gateway's, words the identity service's that gives the tokens.
_BY_CODE: Mapping[str, str] = {
    "400003": "a required header is missing; look at org, sandbox and api_key",
    "401013": f"the token is wrong or has expired: {_RENEW}",
    "403000": "give api_key, the client id of the credential",
    "403003": "api_key must be the client id of the credential that the token is for",
    "403010": f"no token was sent: {_RENEW}",
    "403025": f"the token does not go with this org: {_ACCESS}",
    "429050": "there are too many calls; ask less often",
    "UPAPI-054554-400": "this org evaluates by schedule only; read the newest scheduled job",
    "invalid_client": "look at client_id and client_secret; a secret may have been replaced",
    "invalid_grant": "look at client_id, client_secret and scopes",
    "invalid_request": "look at client_id, client_secret, scopes and ims_url",
    "invalid_scope": "copy the scopes of the credential from the Adobe Developer Console",
    "invalid_token": f"the token is wrong or has expired: {_RENEW}",
    "unauthorized_client": "the credential must be of the kind OAuth Server-to-Server",
    "unsupported_grant_type": "look at ims_url: nothing there gives tokens to servers",
}
_BY_STATUS: Mapping[int, str] = {401: _RENEW, 403: _ACCESS}


def remedy(code: str | None, status_code: int) -> str | None:
    """Return what to do, or None where that depends on what was asked.

    >>> remedy("403000", 403)
    'give api_key, the client id of the credential'
    """
    return _BY_CODE.get(code or "") or _BY_STATUS.get(status_code)
