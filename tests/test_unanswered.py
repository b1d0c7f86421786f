"""Failures of httpx: what is told, what to do about it, and whether anything was sent."""

from __future__ import annotations

import pickle
import socket
import ssl

import httpx
import pytest

from segtoolkit import unanswered, wire
from segtoolkit.errors import TransportError

REQUEST = httpx.Request(
    "POST",
    f"https://host{wire.BASE_PATH}/segment/jobs?secret=1",
    headers={wire.REQUEST_ID_HEADER: "r-1"},
)


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "was_sent", "is_repeated", "remedy"),
    [
        (httpx.ConnectError("no"), False, True, ""),
        (httpx.ConnectTimeout("no"), False, True, "timeout"),
        (httpx.PoolTimeout("no"), False, True, "timeout"),
        (caused(httpx.ConnectError("no"), socket.gaierror()), False, True, "no such host"),
        (
            caused(httpx.ConnectError("no"), ssl.SSLCertVerificationError()),
            False,
            False,
            "ca_bundle",
        ),
        (httpx.ProxyError("no"), False, False, "HTTPS_PROXY"),
        (httpx.UnsupportedProtocol("no"), False, False, ""),
        (httpx.LocalProtocolError("no"), False, False, ""),
        (httpx.ReadTimeout("no"), None, True, "timeout"),
        (httpx.WriteTimeout("no"), None, True, "timeout"),
        (httpx.ReadError("no"), None, True, ""),
        (httpx.WriteError("no"), None, True, ""),
        (httpx.RemoteProtocolError("no"), None, True, ""),
        (httpx.DecodingError("no"), None, False, ""),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_failure_tells_what_is_known(error, was_sent, is_repeated, remedy):
    told = unanswered.transport_error(error, REQUEST)

    assert (told.was_sent, told.request_id) == (was_sent, "r-1")
    assert unanswered.is_worth_repeating(error) is is_repeated
    assert remedy in str(told)
    assert str(told).startswith("POST /segment/jobs got no answer from host: ")
    assert str(told).endswith("[request r-1]")
    assert "secret" not in str(told)


def test_only_failures_of_requests_are_repeated():
    assert not unanswered.is_worth_repeating(ValueError("no"))
    assert not unanswered.is_worth_repeating(KeyboardInterrupt())


def test_causes_that_go_round_in_a_circle_are_looked_at_once():
    first, second = httpx.ConnectError("no"), OSError("no")
    first.__cause__, second.__cause__ = second, first

    assert unanswered.transport_error(first, REQUEST).was_sent is False
    assert unanswered.is_worth_repeating(first)


def test_transport_error_can_be_pickled():
    error = TransportError("lost", was_sent=False, request_id="r-1")

    again = pickle.loads(pickle.dumps(error))

    assert (str(again), again.was_sent, again.request_id) == (str(error), False, "r-1")
