"""The example agency, from the platforms to the published file: what one run leaves, and what two leave."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from core.settings import ROOT
from sandbox.process import SandboxProcess
from tests.python.installation import Installation

NOW = "2026-11-24T06:00:00+00:00"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The agency that comes with the project, after its first run."""
    folder = tmp_path_factory.mktemp("example")
    shutil.copytree(ROOT / "agency", folder / "agency")
    with SandboxProcess(agency=folder / "agency", now=NOW) as sandbox:
        installation = Installation(folder, dict(sandbox.env), measured=True)
        installation.wholeday("run", now=NOW)
        yield installation


def test_a_first_run_leaves_a_release_and_a_site(example: Installation) -> None:
    for page in ("index.html", "data_docs/index.html", "dbt/index.html", "health.json"):
        assert (example.site / page).stat().st_size > 0, page
    health = json.loads((example.site / "health.json").read_text())
    assert health["status"] == "healthy", health
    assert health["published"] is True
    clients, platforms, days = example.query(
        "select count(distinct client_id), count(distinct platform), count(distinct date)"
        " from marts.daily_kpi"
    )[0]
    assert clients == 16
    assert platforms == 2
    assert days >= 400


def test_lineage_is_drawn_without_a_look_into_the_candidate(example: Installation) -> None:
    # Which is being judged and published just then: who opens it there can make the run fail.
    catalog = json.loads((example.warehouse / "target" / "catalog.json").read_text())
    assert (catalog["nodes"], catalog["errors"]) == ({}, None)
    assert "daily_kpi" in (example.warehouse / "dbt_docs" / "index.html").read_text()


def test_every_month_is_the_sum_of_its_days_and_campaigns(example: Installation) -> None:
    measures = (
        "total_spend",
        "total_impressions",
        "total_clicks",
        "click_to_call",
        "email_contacts",
        "reservations",
    )
    sums = ", ".join(f"sum({measure}) as {measure}" for measure in measures)
    for source in ("daily_kpi", "campaign_daily_kpi"):
        zero = ", ".join(f"coalesce({measure}, 0)" for measure in measures)
        months = f"select client_id, platform, month, {zero} from marts.monthly_kpi where days_whole > 0"
        summed = (
            f"select client_id, platform, month, {zero} from (select client_id, platform,"
            f" date_trunc('month', date) as month, {sums} from marts.{source} group by all)"
        )
        assert example.query(f"({summed}) except ({months})") == [], source


def test_figures_are_the_platforms_own(example: Installation) -> None:
    with SandboxProcess(agency=example.agency, now=NOW) as sandbox:
        for platform, account in example.query(
            "select platform, account_id from marts.accounts group by all"
        ):
            truth = sandbox.truth(platform, account, "2026-08-01", "2026-08-31")
            ours = dict(
                example.query(
                    "select date::varchar, sum(total_spend) from marts.campaign_daily_kpi"
                    " where platform = ? and account_id = ? and date between '2026-08-01' and '2026-08-31'"
                    " group by all",
                    platform,
                    account,
                )
            )
            for day in truth:
                assert abs(float(ours.get(day["date"], 0)) - float(day["spend"])) < 0.01, (
                    platform,
                    account,
                    day,
                )


def test_a_second_run_at_the_same_instant_changes_nothing(example: Installation) -> None:
    before = example.marts()
    versions = example.ledger("select count(*) from ledger.account_days")
    runs = example.query("select count(*) from health.runs")[0][0]
    example.wholeday("run", now=NOW)
    assert example.ledger("select count(*) from ledger.account_days") == versions
    assert example.marts() == before
    assert example.query("select count(*) from health.runs")[0][0] == runs + 1


def test_releases_can_be_built_again_from_the_ledger(example: Installation) -> None:
    before = example.marts()
    for release in example.warehouse.joinpath("releases").glob("*.duckdb"):
        release.unlink()
    example.release.unlink()
    example.wholeday("build", now=NOW)
    example.wholeday("publish", module="publish", now=NOW)
    assert example.marts() == before


def test_nothing_published_refers_elsewhere_or_can_be_written(example: Installation) -> None:
    kinds = example.query("select distinct table_type from information_schema.tables")
    assert kinds == [("BASE TABLE",)]
    assert not list(example.warehouse.rglob("*.wal"))
    for release in example.warehouse.joinpath("releases").glob("*.duckdb"):
        assert release.stat().st_mode & 0o222 == 0


def test_no_secret_is_written_anywhere(example: Installation) -> None:
    secrets = [
        value.encode()
        for name, value in example.env.items()
        if name.endswith(("TOKEN", "SECRET")) and len(value) > 5
    ]
    assert secrets
    for path in [*example.warehouse.rglob("*"), *example.site.rglob("*")]:
        if path.is_file():
            content = path.read_bytes()
            assert not any(secret in content for secret in secrets), path


def test_the_agencys_files_are_untouched(example: Installation) -> None:
    for path in sorted(Path(ROOT / "agency").iterdir()):
        assert (example.agency / path.name).read_bytes() == path.read_bytes(), path.name


def test_health_judges_a_release_of_other_models_against_the_clock(example: Installation) -> None:
    example.release.chmod(0o600)
    with duckdb.connect(str(example.release)) as release:
        release.execute("alter table intermediate.int_series drop column history_hash")
        release.execute("update staging.stg_run set fingerprint = '{}'")
    said = example.wholeday("health", now="2026-11-26T12:00:00+00:00", status=1)
    assert "does not agree" not in said
    assert "todayCollection" in said


def test_health_of_an_earlier_wholedays_release(example: Installation) -> None:
    with duckdb.connect(str(example.release)) as release:
        release.execute("drop table staging.stg_agency__problems")
    said = example.wholeday("health", now="2026-11-26T12:00:00+00:00", status=1)
    assert "an earlier wholeday built the release" in said
    assert "todayCollection" in said


def test_health_of_a_release_that_cannot_be_read_is_a_sentence(example: Installation) -> None:
    example.release.write_bytes(b"no database" * 1000)
    said = example.wholeday("health", now="2026-11-26T12:00:00+00:00", status=1)
    assert "no release can be read" in said
