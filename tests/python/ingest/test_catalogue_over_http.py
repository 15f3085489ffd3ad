"""Every row of both platforms' error catalogues, sent by the sandbox: the class, the action, the requests."""

import asyncio
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest.client.errors import (
    AnswerError,
    ErrorClass,
    Failure,
    Scope,
)
from ingest.google import source as google
from ingest.meta import source as meta
from sandbox.process import SandboxProcess
from tests.python.ingest.misbehaving import sandbox_caller

CATALOGUES: dict[str, list[dict[str, Any]]] = json.loads(
    Path(__file__).with_name("error_catalogues.json").read_text(encoding="utf-8")
)
# What no server can send as an answer: the connection ends before there is one.
CATALOGUES["meta"].append({"id": "meta-087", "asked": "delivery", "class": "transient", "body": None})
ROWS = [(platform, row) for platform, rows in CATALOGUES.items() for row in rows]
ACCOUNTS = {"meta": "9100000001", "google": "9100000003"}
SINCE, UNTIL = date(2026, 11, 19), date(2026, 11, 20)
TOO_MUCH = {"error": {"code": 100, "error_subcode": 1487534, "message": "Please reduce the amount of data"}}
ATTEMPTS = 4
# What asking differently takes: a new token and the same once more, a query begun anew, a report made anew.
OTHER_COUNTS = {
    "google-006": 2, "google-007": 2, "google-020": 2,
    "google-037": 2,
    "meta-088": 2, "meta-089": 1, "meta-090": 2,
}  # fmt: skip
# Quotas that are free again in hours stop the platform, and nobody sleeps.
HOURS = {"google-000"}
# A state that is no failure: the report is asked about until it is complete.
UNFINISHED = "meta-091"
PLATFORM_LOST = {ErrorClass.AUTH, ErrorClass.PERMANENT}


@pytest.fixture(scope="module")
def box(sandbox: SandboxProcess) -> Iterator[SandboxProcess]:
    sandbox.set_clock("2026-11-24T06:00:00+00:00")
    yield sandbox
    sandbox.clear()
    sandbox.set_clock(None)


def struck(box: SandboxProcess) -> int:
    return sum(bool(request["fault"]) for request in box.requests())


def put_in_force(box: SandboxProcess, platform: str, row: dict[str, Any]) -> None:
    box.clear()
    box.forget()
    # The seconds that a platform asks to wait are waited for: a test takes a thousandth of them.
    body = row["body"] and row["body"].replace('"5s"', '"0.005s"')
    effect = {"cut": -1} if body is None else {"status": row["status"], "body": body}
    match: dict[str, Any] = {"platform": platform, "kind": row["asked"]}
    if row["asked"] == "report":
        first = {"match": {"kind": "delivery", "method": "GET"}, "times": {"first": 1}, "name": ""}
        box.faults(first | {"effect": {"status": 400, "body": TOO_MUCH}})
        match = {"platform": platform, "method": "GET", "path": r"/v26\.0/\d+$"}
        box.forget()
    box.faults({"name": row["id"], "match": match, "effect": effect})


async def outcome(
    box: SandboxProcess, platform: str, since: date
) -> tuple[AnswerError | None, Failure | None]:
    """Ask for a window; return what it failed with, and why the platform is lost, if it is."""
    async with sandbox_caller(box, platform, retry_base_seconds=0.001) as caller:
        source = meta.Source(caller) if platform == "meta" else google.Source(caller)
        try:
            await source.window(ACCOUNTS[platform], since, UNTIL, everything=False)
        except AnswerError as problem:
            return problem, caller.lost
        return None, caller.lost


def expected_requests(row: dict[str, Any]) -> int:
    asked_again = row["class"] in ("transient", "throttle") and row["id"] not in HOURS
    return OTHER_COUNTS.get(row["id"], ATTEMPTS if asked_again else 1)


@pytest.mark.parametrize(("platform", "row"), ROWS, ids=[row["id"] for _, row in ROWS])
def test_catalogue_over_http(box: SandboxProcess, platform: str, row: dict[str, Any]) -> None:
    put_in_force(box, platform, row)
    since = UNTIL if row["asked"] == "report" else SINCE
    if row["id"] == UNFINISHED:
        with pytest.raises(TimeoutError):
            asyncio.run(asyncio.wait_for(outcome(box, platform, since), 0.5))
        assert struck(box) > ATTEMPTS, "it is asked about as long as the account has time"
        return
    problem, lost = asyncio.run(outcome(box, platform, since))
    failure = problem.failure if problem else None
    if row["id"] in ("meta-088", "meta-089"):
        assert problem is None, "a report that fails is made anew, then the day comes in smaller pages"
    else:
        assert (failure.error_class.value if failure else "ok") == row["class"], problem
    # The first answer of a day that is asked for as a report was refused too.
    assert struck(box) - (row["asked"] == "report") == expected_requests(row)
    if failure is not None:
        assert failure.shrink == (row["class"] == "too_much_data")
        assert (lost is not None) == (
            failure.lost is Scope.PLATFORM
            and (failure.error_class is not ErrorClass.THROTTLE or failure.long)
        )
        assert failure.error_class not in PLATFORM_LOST or lost is failure
