"""The command ``segtoolkit``: size audiences from a shell.

``demo`` shows everything on made-up people, ``run`` submits a job over the user's own files, ``size``
answers one expression, ``serve`` lets other programs ask. Results go to stdout, everything else to stderr.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from segtoolkit import wire
from segtoolkit.console import DONE, JOB_FAILED, tell, wait_or_cancel
from segtoolkit.errors import ConfigError, SegtoolkitError
from segtoolkit.segments import read_segment, read_segments
from segtoolkit.serving import add_options, run_server

if TYPE_CHECKING:
    from segtoolkit.client import Client
    from segtoolkit.jobs import Job

REFUSED, INTERRUPTED = 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status: 0 only if the job SUCCEEDED."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except BrokenPipeError:
        # Who reads our output has seen enough; nothing more can be said there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return JOB_FAILED
    except (SegtoolkitError, OSError) as error:
        tell(f"segtoolkit: {error}")
        return REFUSED
    except KeyboardInterrupt:
        tell("segtoolkit: interrupted")
        return INTERRUPTED


# -- the commands -------------------------------------------------------------------------


def demo(options: argparse.Namespace) -> int:
    from segtoolkit.demo import run_demo  # noqa: PLC0415  (matplotlib and pandas)

    return run_demo(options.folder, profiles=options.profiles)


def run(options: argparse.Namespace) -> int:
    segments = dict(read_segment(text) for text in options.segment)
    for path in options.segments:
        segments |= read_segments(path)
    if not segments:
        raise ConfigError(
            "no segment is given; add --segment NAME=PQL or --segments FILE.json"
        )
    with _client(options, segments) as client:
        ids = {d.name: d.id for d in client.definitions.list()}
        job = client.submit([ids[name] for name in segments], as_of=options.as_of)
        wait_or_cancel(job)
        _print_job(job, options.format)
    return DONE if job.status == "SUCCEEDED" else JOB_FAILED


def size(options: argparse.Namespace) -> int:
    with _client(options, {}) as client:
        estimate = client.size(options.expression, as_of=options.as_of)
    if options.format == "json":
        print(json.dumps(wire.estimate_to_json(estimate), indent=2))
        return DONE
    print(estimate)
    for namespace, profiles in estimate.by_namespace.items():
        print(f"  {profiles:>12,} on {namespace}")
    return DONE


def _client(options: argparse.Namespace, segments: Mapping[str, str]) -> Client:
    from segtoolkit.roads.local import connect_local  # noqa: PLC0415  (DuckDB)

    if not (options.store or options.profiles or options.events):
        raise ConfigError(
            "no data is given; add --profiles FILE, or --store FILE that has some"
        )
    if not (options.profiles or options.events or options.store.exists()):
        raise ConfigError(
            f"there is no store {options.store}; add --profiles FILE to make it"
        )
    client = connect_local(
        options.store, profiles=options.profiles, events=options.events, segments=segments
    )
    for report in client.local.reports:
        tell(report)
    return client


def _print_job(job: Job, how: str) -> None:
    if how == "json":
        print(json.dumps(wire.job_to_json(job.record), indent=2))
    elif job.status == "SUCCEEDED":
        from segtoolkit.tables import result_text  # noqa: PLC0415  (pandas)

        print(result_text(job.result()))


# -- the command line ---------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    about = "Size audiences: segment jobs over your own XDM profiles, evaluated locally."
    parser = argparse.ArgumentParser(prog="segtoolkit", description=about)
    parser.add_argument("--version", action="version", version=version("segtoolkit"))
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    shown = commands.add_parser(
        "demo", help="show a job on made-up people, with tables and plots"
    )
    shown.add_argument("--profiles", type=_count, default=200_000, help="how many people")
    shown.add_argument("--folder", type=Path, default=Path("segtoolkit-demo"))
    shown.set_defaults(command=demo)

    ran = commands.add_parser("run", help="submit one job over your files and wait for it")
    ran.add_argument(
        "--segment",
        action="append",
        default=[],
        metavar="NAME=PQL",
        help="an audience to size",
    )
    ran.add_argument(
        "--segments",
        action="append",
        default=[],
        type=Path,
        metavar="FILE.json",
        help='{"NAME": "PQL", …}, or a listing of definitions from AEP',
    )
    _add_data(ran)
    ran.set_defaults(command=run)

    sized = commands.add_parser("size", help="size one expression")
    sized.add_argument("expression", metavar="PQL")
    _add_data(sized)
    sized.set_defaults(command=size)

    served = commands.add_parser(
        "serve", help="speak AEP's segmentation API on a socket, for other programs"
    )
    add_options(served)
    served.set_defaults(command=run_server)
    return parser


def _add_data(parser: argparse.ArgumentParser) -> None:
    about = "NDJSON (also .gz) or Parquet, or globs of them"
    for kind, what in (("profiles", "XDM profiles"), ("events", "experience events")):
        parser.add_argument(f"--{kind}", nargs="+", metavar="FILE", help=f"{what}: {about}")
    parser.add_argument(
        "--store", type=Path, metavar="FILE.duckdb", help="keep everything here"
    )
    parser.add_argument(
        "--as-of", type=_instant, metavar="ISO8601", help="what `now` means"
    )
    parser.add_argument("--format", choices=("table", "json"), default="table")


def _count(text: str) -> int:
    digits = text.replace("_", "").replace(",", "")
    if not digits.isdecimal() or int(digits) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number")
    return int(digits)


def _instant(text: str) -> datetime:
    """Read an instant; a date or time without offset is in UTC, as everywhere here."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is not ISO 8601, such as 2024-07-01T00:00:00Z"
        raise argparse.ArgumentTypeError(message) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


if __name__ == "__main__":
    sys.exit(main())
