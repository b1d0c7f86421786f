"""The DuckDB database of the local road: a path goes in, cursors and transactions come out.

A store file belongs to one process at a time; within that process, opening it again gives the
same `Store`, which its last holder closes. What the tables mean is the business of `profiles`
(people and events) and `ledger` (definitions, jobs and memberships).
"""

from __future__ import annotations

import re
import shutil
import tempfile
import threading
import weakref
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from segtoolkit import interrupted
from segtoolkit.errors import ConfigError, StoreError
from segtoolkit.local import holder, layouts, ledger, logbook
from segtoolkit.local.evaluation import Runs, aside
from segtoolkit.local.limits import Limits, Settings, shortage
from segtoolkit.models import JobFault

_MEMORY = ":memory:"
_ADOPTION = "adoption"
_PATIENCE_S = 5
_PULSE_S = 0.05
_MUCH_BYTES = 16_000_000  # about where DuckDB takes it to be much
_NO_LIMITS = Limits()
_DIED = JobFault(message="the process that evaluated this job ended before the job did")

# Stores of this process by resolved path; a cell that is run again must find the first one.
_open_stores: dict[Path, Store] = {}
_registry = threading.RLock()


class Store:
    """One open DuckDB database; made by `Store.open`.

    Attributes:
        path: the file, resolved; None in memory.
        limits: what it was opened with.
        spill: where DuckDB puts what memory does not hold.
    """

    def __init__(self, path: Path | None, limits: Limits = _NO_LIMITS) -> None:
        self.path = path
        self.limits = limits
        self._holders = 1
        self._writing = threading.Lock()
        self._writing_jobs = threading.Lock()
        self._lending = threading.Condition()
        self._lent = 0
        self._closed = False
        self.spill = _temporary_directory(self, path)
        self._connection = _connect(path, self.spill, limits)
        try:
            self._adopt()
        except BaseException:
            self._connection.close()
            raise
        self._inode = _inode(path)
        if path is not None:
            holder.sign(path)

    @classmethod
    def open(cls, path: str | Path | None = None, limits: Limits = _NO_LIMITS) -> Store:
        """Open the store at *path*, making it if there is none; None or ``:memory:`` keep no file.

        Raises:
            ConfigError: this process has it open with other limits.
            StoreError: it is locked, foreign, newer, or not a DuckDB file; it is left untouched.
        """
        if path is None or str(path) == _MEMORY:
            return cls(None, limits)
        resolved = Path(path).expanduser().resolve()
        with _registry:
            if (store := _open_stores.get(resolved)) is not None:
                store._hold_again(limits)  # noqa: SLF001 - our own class
            else:
                store = _open_stores[resolved] = cls(resolved, limits)
            return store

    def close(self) -> None:
        """Give up one `open`; the last one closes the database. Call it once per `open`."""
        with _registry:
            self._holders -= 1
            if self._holders > 0:
                return
            if self.path is not None and _open_stores.get(self.path) is self:
                del _open_stores[self.path]
            self._close()

    @contextmanager
    def read(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Lend a cursor that sees the store as it is now, whatever is written meanwhile."""
        with self._transaction() as cursor:
            yield cursor

    @contextmanager
    def write(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Lend a cursor whose changes are kept all together, or not at all on an exception.

        One writer at a time: DuckDB refuses concurrent updates of one row. Jobs and memberships are
        the business of `write_jobs`, and so are exports.
        """
        with self._writing, self._transaction() as cursor:
            yield cursor

    @contextmanager
    def write_jobs(
        self, *, while_waiting: Callable[[], object] = lambda: None
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """Lend a cursor as `write` does, to change jobs, memberships and exports only.

        A load may take long, and jobs come and go meanwhile. *while_waiting* is called now and then
        as long as another job's, or a longer change of this one, is written.
        """
        while not self._writing_jobs.acquire(timeout=_PULSE_S):
            while_waiting()
        try:
            with self._transaction() as cursor:
                yield cursor
        finally:
            self._writing_jobs.release()

    def fold_log(self) -> None:
        """Bring what was written into the file itself, if it is much.

        DuckDB would do so in the next commit, and that may be the one of a submission, which is to
        return at once. What cannot be done now, as somebody else writes or the disk is full, is left to it.
        """
        if self.path is None or _log_bytes(self.path) < _MUCH_BYTES:
            return
        with self._cursor() as cursor, suppress(duckdb.Error):
            cursor.execute("CHECKPOINT")

    def own_cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a cursor to be kept, outside of any transaction; closing the store closes it."""
        with self._lending:
            if self._closed:
                raise StoreError(f"{self} is closed; open it again")
            return self._connection.cursor()

    def __repr__(self) -> str:
        return f"<Store {self.path or _MEMORY}>"

    @contextmanager
    def _transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with interrupted.as_interrupt(), self._cursor() as cursor:
            try:
                cursor.begin()
                yield cursor
                cursor.commit()
            except BaseException as error:
                with suppress(duckdb.Error):  # the first failure is the one to tell
                    cursor.rollback()
                if (missing := shortage(error)) is not None:
                    raise missing from error
                raise

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Lend a fresh cursor, for one thread; a cursor in use must not lose its database."""
        with self._lending:
            if self._closed:
                raise StoreError(f"{self} is closed; open it again")
            cursor = self._connection.cursor()
            self._lent += 1
        try:
            yield cursor
        finally:
            with self._lending:
                cursor.close()
                self._lent -= 1
                self._lending.notify_all()

    def _close(self) -> None:
        with self._lending:
            self._closed = True
            # Bounded, as the garbage collector may close a store in the thread that reads it.
            self._lending.wait_for(lambda: self._lent == 0, timeout=_PATIENCE_S)
            if self.path is not None and _inode(self.path) == self._inode:
                holder.sign_off(self.path)
            self._connection.close()

    def _hold_again(self, limits: Limits) -> None:
        if others := limits.differing(self.limits):
            raise ConfigError(
                f"{self.path} is open in this process with {others}; close the client that uses "
                "it, or leave that argument out"
            )
        if _inode(self.path) != self._inode:
            raise StoreError(
                f"{self.path} was deleted or replaced while this process had it open; "
                "close the client that uses it (or restart the kernel), then open it again"
            )
        self._holders += 1

    def _adopt(self) -> None:
        """Make the file ours, or refuse it."""
        version = self._version()

        def adopt() -> None:
            with self.write() as cursor, runs.run(_ADOPTION, cursor):
                cursor.execute("SET GLOBAL TimeZone = 'UTC'")
                if version is None:
                    layouts.create(cursor)
                else:
                    layouts.bring_up(cursor, version)
                ledger.fail_unfinished(cursor, _DIED, datetime.now(UTC))
                logbook.adopt(cursor, _DIED, datetime.now(UTC))

        runs = Runs()
        aside(adopt, stop=lambda: runs.stop(_ADOPTION))

    def _version(self) -> int | None:
        with self.read() as cursor:
            # A refused file must stay as it is, even one with a log still to be folded in.
            cursor.execute("PRAGMA disable_checkpoint_on_shutdown")
            version = layouts.version_of(cursor, self.path)
            cursor.execute("PRAGMA enable_checkpoint_on_shutdown")
        return version


def _temporary_directory(store: Store, path: Path | None) -> Path:
    """Return where DuckDB may spill; a store without file takes its folder along when it goes."""
    elsewhere = store.limits.temp_directory
    if path is not None and elsewhere is None:
        return path.with_name(f"{path.name}.tmp")
    if path is not None and elsewhere is not None:
        # Stores of one name in several folders must not meet there.
        number = zlib.crc32(str(path).encode())
        return Path(elsewhere).resolve() / f"{path.name}-{number:08x}.tmp"
    folder = Path(tempfile.mkdtemp(prefix="segtoolkit-", dir=elsewhere))
    weakref.finalize(store, shutil.rmtree, folder, ignore_errors=True)
    return folder


def _log_bytes(path: Path) -> int:
    log = path.with_name(f"{path.name}.wal")
    return log.stat().st_size if log.is_file() else 0


def _connect(path: Path | None, spill: Path, limits: Limits) -> duckdb.DuckDBPyConnection:
    if path is not None and not path.parent.is_dir():
        raise StoreError(
            f"there is no folder {path.parent} to keep {path.name} in; make it"
        )
    try:
        settings = {**_SETTINGS, **limits.settings(spill)}
        connection = duckdb.connect(path or _MEMORY, config=settings)
        limits.bound(connection, spill)
    except duckdb.Error as error:
        raise StoreError(_reason(path, str(error))) from error
    # We hold the lock of the file, so whoever left these is dead.
    for leftover in spill.glob("duckdb_temp*"):
        leftover.unlink(missing_ok=True)
    return connection


_SETTINGS: Settings = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    # Each level of an expression takes some of SQL; its own bound is `pql.depth.DEEPEST`.
    "max_expression_depth": "20000",
    "storage_compatibility_version": "v1.4.0",  # so that DuckDB 1.5 opens what 2.0 made
}


_NEWER = re.compile(
    r"version number (\d+), .*between (\d+ and \d+)\..*newer version", re.DOTALL
)


def _reason(path: Path | None, said: str) -> str:
    first = said.splitlines()[0]
    if "lock" in said or "used by another process" in said:
        who = "another process" if path is None else holder.holder_of(path, said)
        return (
            f"{path} is in use by {who}; close that notebook (or shut down its kernel), or let it "
            "share: client.local.publish(folder) there, connect_local(published=folder) here"
        )
    if "different configuration" in said:
        return (
            f"{path} is open in this process through duckdb.connect; close that connection"
        )
    if "not a valid DuckDB database" in said or "sqlite_scanner" in said:
        return f"{path} is not a DuckDB file; give another path for the store"
    if (found := _NEWER.search(said)) is not None:
        return (
            f"{path} was written by a newer DuckDB (storage version {found[1]}, DuckDB "
            f"{duckdb.__version__} reads {found[2]}); pip install -U duckdb, or give another path"
        )
    return f"{path or _MEMORY} cannot be opened: {first}"


def _inode(path: Path | None) -> tuple[int, int] | None:
    try:
        found = path.stat() if path else None
    except FileNotFoundError:
        return None
    return found and (found.st_dev, found.st_ino)
