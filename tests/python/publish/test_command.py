"""``python -m publish``, as a person and the Makefile call it."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from core.settings import ROOT
from publish import places
from publish.publish import publish


def environment(warehouse: Any) -> dict[str, str]:
    return os.environ | {
        "WHOLEDAY_WAREHOUSE": str(warehouse.settings.warehouse),
        "WHOLEDAY_SITE": str(warehouse.settings.site),
        "WHOLEDAY_AGENCY": str(warehouse.settings.agency),
    }


def call(warehouse: Any, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "publish", *arguments],
        cwd=ROOT,
        env=environment(warehouse) | variables,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("command", ["publish", "report", "rollback", "unpin", "health"])
def test_each_command_has_help(warehouse: Any, command: str) -> None:
    done = call(warehouse, command, "--help")
    assert done.returncode == 0
    assert command in done.stdout


def test_the_steps_one_by_one(warehouse: Any) -> None:
    done = call(warehouse, "publish")
    assert (done.returncode, "nothing was collected" in done.stderr) == (2, True)

    first = warehouse.begin()
    warehouse.build(first)
    done = call(warehouse, "publish")
    assert (done.returncode, done.stdout) == (0, f"wholeday: run {first.run_id} is published\n")
    done = call(warehouse, "report")
    assert (done.returncode, done.stderr) == (0, "")
    assert "3 of 3 clients whole" in done.stdout
    done = call(warehouse, "health", PYTHONIOENCODING="ascii")  # a terminal that knows no other letters
    assert (done.returncode, done.stderr) == (0, "")

    second = warehouse.begin()
    warehouse.build(second)
    assert call(warehouse, "publish").returncode == 0
    done = call(warehouse, "rollback", "--to", "nothing")
    assert done.returncode == 2
    assert done.stderr == (
        f"wholeday: there is no kept release of run 'nothing'; kept are {first.run_id}, {second.run_id}\n"
    )
    done = call(warehouse, "rollback")
    assert (done.returncode, f"release {first.run_id} is published again" in done.stdout) == (0, True)
    assert json.loads((warehouse.settings.site / "health.json").read_text())["runId"] == first.run_id
    assert "no longer pinned" in call(warehouse, "unpin").stdout
    assert call(warehouse, "health").returncode == 0


def test_a_reader_who_leaves_early_costs_nothing(warehouse: Any) -> None:
    run = warehouse.begin()
    warehouse.build(run)
    publish(warehouse.settings, run)
    report = subprocess.Popen(
        [sys.executable, "-m", "publish", "report"],
        cwd=ROOT,
        env=environment(warehouse),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert report.stdout
    report.stdout.close()
    _, said = report.communicate(timeout=60)
    assert (report.returncode, said) == (0, b"")


def test_a_loss_is_accepted_by_hand(warehouse: Any) -> None:
    run = warehouse.begin()
    warehouse.build(run)
    publish(warehouse.settings, run)
    run = warehouse.begin()
    warehouse.build(run, days=10)
    done = call(warehouse, "publish")
    assert (done.returncode, "--accept-loss" in done.stderr) == (1, True)
    assert call(warehouse, "publish", "--accept-loss").returncode == 0


def test_a_warehouse_that_cannot_be_written_is_told(warehouse: Any) -> None:
    shutil.rmtree(warehouse.settings.warehouse)
    warehouse.settings.warehouse.touch()
    done = call(warehouse, "publish")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "cannot be written" in done.stderr


def test_whoever_comes_second_is_told(warehouse: Any) -> None:
    with (warehouse.settings.warehouse / ".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = call(warehouse, "publish")
    assert done.returncode == 2
    assert "'publish' did not start" in done.stderr


def test_no_slow_import_comes_along(warehouse: Any) -> None:
    script = (
        "import publish.publish, publish.report, sys;"
        "print(sorted({'dlt', 'dbt', 'great_expectations', 'pandas', 'markdown_it'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_another_runs_candidate_changes_nothing_that_is_known(warehouse: Any) -> None:
    run = warehouse.begin()
    warehouse.build(run)
    assert call(warehouse, "publish").returncode == 0
    # What `make build AS_OF=…` leaves: the current run stays the one that was published.
    warehouse.build(replace(run, run_id="as-of-20261115T000000Z"))
    done = call(warehouse, "publish")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "built by run as-of-20261115T000000Z" in done.stderr
    assert "`make build`" in done.stderr
    assert warehouse.verdicts() == [(run.run_id, "published")]
    done = call(warehouse, "report")
    assert (done.returncode, "3 of 3 clients whole" in done.stdout) == (0, True)
    undecided = warehouse.begin()
    assert call(warehouse, "publish").returncode == 2
    assert (undecided.run_id, "refused") not in warehouse.verdicts()


def test_a_run_that_was_published_keeps_its_verdict(warehouse: Any) -> None:
    run = warehouse.begin()
    warehouse.build(run)
    assert call(warehouse, "publish").returncode == 0
    warehouse.build(run, change="drop table marts.weekly_kpi")
    done = call(warehouse, "publish")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "was published, and that verdict stays" in done.stderr
    assert "marts.weekly_kpi" in done.stderr
    assert warehouse.verdicts() == [(run.run_id, "published")]
    assert not places.refused(warehouse.settings).exists()
