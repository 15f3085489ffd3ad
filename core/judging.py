"""The verdict of Great Expectations: which file it is about, and how to get one.

It is the file ``validation.json``, written by the room ``expectations``. Publishing needs a verdict on the
very file that is to be published; what the verdict says is for people to read.
"""

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from core.settings import Settings
from core.worker import Worker

File = Literal["candidate", "release"]

# The file of the data docs that says which run they are of.
DOCS_RUN = "run_id.txt"

# How long one part of the judging may take: importing, and a second for each megabyte that is read. On two
# slow cores 20 MB take 5 seconds.
_SECONDS, _SECONDS_PER_MB = 120.0, 1.0


def digest(file: Path) -> str:
    """Return the SHA-256 of a file's bytes; 2 GB take about a second."""
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def deadline(settings: Settings) -> float:
    """Return the seconds that one answer of Great Expectations may take."""
    if chosen := os.environ.get("WHOLEDAY_JUDGE_SECONDS", ""):
        return float(chosen)
    size = sum(file.stat().st_size for file in (settings.landing, settings.candidate) if file.is_file())
    return _SECONDS + _SECONDS_PER_MB * size / 1e6


def read(settings: Settings) -> dict[str, Any] | None:
    """Return the last verdict; None where there is none, or none that says what was judged."""
    try:
        found = json.loads(settings.validation.read_bytes())
        complete = isinstance(found["failures"], list) and found["statistics"]["evaluated"] > 0
        return found if complete and isinstance(found["run_id"], str) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def problem(settings: Settings, run_id: str) -> str | None:
    """Return why the candidate of ``run_id`` counts as not judged (half a sentence), or None."""
    found = read(settings)
    if found is None:
        return "Great Expectations gave no verdict on it"
    if found["run_id"] != run_id:
        return f"Great Expectations judged run {found['run_id']} instead of it"
    if not settings.candidate.is_file() or found.get("file_sha256") != digest(settings.candidate):
        return "its candidate is not the file that Great Expectations judged"
    return None


def again(settings: Settings, file: File) -> str | None:
    """Judge ``file`` in a fresh process and draw the data docs; return what stopped that, or None."""
    seconds = deadline(settings)
    with Worker("expectations", "--wait", log=settings.log.with_name("workers.log")) as judge:
        for step, facts in (("arrival", {"file": file}), ("candidate", {}), ("docs", {})):
            judge.ask(step, **facts)
            answer = judge.result(seconds)
            if "error" in answer:
                return str(answer["error"])
    return None


def docs_run(settings: Settings) -> str | None:
    """Return the run that the data docs are of; None without any."""
    try:
        return (settings.data_docs / DOCS_RUN).read_text(encoding="utf-8")
    except OSError:
        return None


def follow(settings: Settings) -> None:
    """Let the verdict be about the candidate as it is now: the gate wrote its decision into it."""
    found = read(settings)
    if found is not None:
        # On a full disk the verdict stays behind, and the next attempt judges again.
        with suppress(OSError):
            write(settings, found | {"file_sha256": digest(settings.candidate)})


def write(settings: Settings, verdict: dict[str, Any]) -> None:
    """Write ``settings.validation`` in one step: a reader sees the old one or the new one."""
    building = settings.validation.with_suffix(".tmp")
    building.write_text(json.dumps(verdict, indent=2, ensure_ascii=False), encoding="utf-8")
    building.replace(settings.validation)
