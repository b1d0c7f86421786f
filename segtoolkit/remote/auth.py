"""Authorization of requests: a source of tokens goes in, requests that bear one come out."""

from __future__ import annotations

from collections.abc import Generator
from http import HTTPStatus

import httpx

from segtoolkit.remote.tokens import TokenSource


class BearerAuth(httpx.Auth):
    """Sends the current token, and after a 401 once another one, if there is another."""

    def __init__(self, tokens: TokenSource) -> None:
        self._tokens = tokens

    def sync_auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        token = self._tokens.current()
        response = yield _bearing(request, token)
        if response.status_code != HTTPStatus.UNAUTHORIZED:
            return
        # The gateway refuses before the service sees anything: no job has been started.
        if (other := self._tokens.instead_of(token)) is not None:
            yield _bearing(request, other)


def _bearing(request: httpx.Request, token: str) -> httpx.Request:
    request.headers["Authorization"] = f"Bearer {token}"
    return request
