"""Sandboxes, each with a store of its own: what opens one in; an application for all of them out."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.wrappers import Response

from segtoolkit import wire
from segtoolkit.errors import ConfigError, StoreError
from segtoolkit.local.app import Paging, make_app
from segtoolkit.local.service import SegmentService, open_service

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MOST = 20
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,255}")
_HEADER = "HTTP_" + wire.SANDBOX_HEADER.upper().replace("-", "_")


class Sandboxes:
    """A WSGI application that passes each call on to the service of the sandbox that it names.

    Sandboxes other than the first are made when they are first asked for, without data.
    """

    def __init__(
        self,
        name: str,
        store: Path | None = None,
        *,
        paging: Paging = Paging.OFFSET,
        export_folder: Path | None = None,
    ) -> None:
        """Open the sandbox *name*.

        Args:
            name: of the first sandbox, to which data on disk belongs.
            store: of the first sandbox; those of others lie beside it. None keeps nothing.
            paging: what *start* counts.
            export_folder: where exports go, each sandbox's in a folder of its own.

        Raises:
            ConfigError: no sandbox can have that name.
            StoreError: the store cannot be opened.
        """
        self._first = name
        self._store = store
        self._paging = paging
        self._export_folder = export_folder
        self._opening = threading.Lock()
        self._services: dict[str, SegmentService] = {}
        self._apps: dict[str, Flask] = {}
        self._open(name)

    @property
    def first(self) -> SegmentService:
        """The service of the first sandbox."""
        return self._services[self._first]

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        name = str(environ.get(_HEADER, self._first)).strip()
        try:
            answer: Callable[..., Iterable[bytes]] = self._app(name)
        except (StoreError, ConfigError) as error:
            status = 503 if isinstance(error, StoreError) else 400
            body = wire.error_to_json(status, str(error))
            answer = Response(json.dumps(body), status, mimetype="application/json")
        return answer(environ, start_response)

    def close(self) -> None:
        """Close all stores; jobs that have not ended become FAILED."""
        with self._opening:
            for service in self._services.values():
                service.close()
            self._services.clear()
            self._apps.clear()

    def _app(self, name: str) -> Flask:
        with self._opening:
            return self._apps.get(name) or self._open(name)

    def _open(self, name: str) -> Flask:
        if not _NAME.fullmatch(name):
            raise ConfigError(
                f"{name!r} is no name of a sandbox; give lower-case letters, digits and -"
            )
        if len(self._apps) >= MOST:
            raise ConfigError(f"there are {MOST} sandboxes, and this server has no more")
        service = open_service(self._path(name))
        folder = self._export_folder and self._export_folder / name
        app = make_app(service, paging=self._paging, export_folder=folder)
        self._services[name], self._apps[name] = service, app
        return app

    def _path(self, name: str) -> Path | None:
        if self._store is None or name == self._first:
            return self._store
        return self._store.with_name(f"{self._store.stem}.{name}{self._store.suffix}")
