"""The sources' settings: resolved by dlt, from wherever the command is started; the mode of a run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import UserError
from core.platforms import platforms
from core.settings import ROOT
from ingest.client.source_spec import load_settings
from ingest.client.sources import api_mode
from ingest.registry import api_of


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("SOURCES__") or name == "WHOLEDAY_API":
            monkeypatch.delenv(name)


def test_defaults() -> None:
    meta, google, _ = load_settings("live").values()
    assert (meta.base_url, meta.api_version) == ("https://graph.facebook.com", "v26.0")
    assert (google.base_url, google.api_version) == ("https://googleads.googleapis.com", "v26")
    assert google.token_url == "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
    assert (meta.lookback_days, google.lookback_days) == (28, 35)
    for source in (meta, google):
        assert (source.retry_attempts, source.retry_base_seconds, source.timeout_seconds) == (4, 2, 30)
        assert (source.account_seconds, source.breaker_failures, source.breaker_seconds) == (600, 5, 60)
        assert (source.settling_hours, source.parallel_accounts) == (3, 4)
        assert (source.min_interval_seconds, source.max_requests) == (2, 2000)
    assert meta.missing == ("SOURCES__META_ADS__ACCESS_TOKEN",)
    assert len(google.missing) == 3


def test_the_sandbox_is_not_spared() -> None:
    for source in load_settings("sandbox").values():
        assert (source.min_interval_seconds, source.max_requests) == (0, None)


def test_the_environment_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCES__META_ADS__ACCESS_TOKEN", "meta-secret")
    monkeypatch.setenv("SOURCES__META_ADS__BASE_URL", "http://127.0.0.1:1/")
    monkeypatch.setenv("SOURCES__GOOGLE_ADS__LOGIN_CUSTOMER_ID", "123-456-7890")
    monkeypatch.setenv("SOURCES__GOOGLE_ADS__MAX_REQUESTS_PER_RUN", "7")
    meta, google, _ = load_settings("live").values()
    assert (meta.base_url, meta.loopback, meta.missing) == ("http://127.0.0.1:1", True, ())
    assert meta.credentials == {"access_token": "meta-secret"}
    assert "meta-secret" not in repr(meta)
    assert (google.max_requests, google.loopback) == (7, False)
    assert google.credentials == {"login_customer_id": "123-456-7890"}


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("TIMEOUT_SECONDS", "soon", "the settings .sources.meta_ads. cannot be used: .*timeout_seconds"),
        ("RETRY_ATTEMPTS", "0", "sources.meta_ads.retry_attempts must be greater than 0"),
        ("LOOKBACK_DAYS", "-1", "sources.meta_ads.lookback_days must not be negative"),
        ("BASE_URL", "graph.facebook.com", "sources.meta_ads.base_url must be an http"),
    ],
)
def test_a_setting_that_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(f"SOURCES__META_ADS__{name}", value)
    with pytest.raises(UserError, match=reason):
        load_settings("live")


def test_dlt_finds_the_project_from_any_folder(tmp_path: Path) -> None:
    script = (
        "from ingest.client.source_spec import load_settings; load_settings('live'); import dlt;"
        " print(dlt.config['runtime.dlthub_telemetry'], dlt.config['restore_from_destination'],"
        " dlt.config['normalize.parquet_normalizer.add_dlt_load_id'])"
    )
    process = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert process.stdout == "False False True\n"
    assert list(tmp_path.iterdir()) == []


def test_the_mode_of_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.client.sources.ROOT", Path("/nonexistent"))
    assert api_mode() == "sandbox"
    google = platforms()["google"]
    for variable in google.variables(google.required[:2]):
        monkeypatch.setenv(variable, "x")
    assert api_mode() == "sandbox", "two of three credentials reach nobody"
    monkeypatch.setenv(google.variables(google.required)[2], "x")
    assert api_mode() == "live"
    monkeypatch.setenv("WHOLEDAY_API", "sandbox")
    assert api_mode() == "sandbox"
    monkeypatch.setenv("WHOLEDAY_API", "production")
    with pytest.raises(UserError, match="is neither 'sandbox' nor 'live'"):
        api_mode()


def test_secrets_in_dlt_s_own_file_make_a_run_live(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("ingest.client.sources.ROOT", tmp_path)
    (tmp_path / ".dlt").mkdir()
    secrets = tmp_path / ".dlt" / "secrets.toml"
    secrets.write_text('[sources.meta_ads]\naccess_token = "x"\n')
    assert api_mode() == "live"
    secrets.write_text("[sources.meta_ads\n")
    with pytest.raises(UserError, match="is not valid TOML"):
        api_mode()


def test_every_platform_has_what_its_row_promises() -> None:
    for name, platform in platforms().items():
        api = api_of(platform)
        assert set(platform.required) <= set(api.settings.SECRETS), name
        assert callable(api.failure_in)
