"""No secret in a log line, a landing row, a release or a page, whatever the platforms tell back."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import duckdb
import pytest

from core.log import hide, scrub
from sandbox import credentials
from sandbox.process import SandboxProcess
from tests.python.installation import Installation

NOW = "2026-11-24T06:00:00+00:00"
META, GOOGLE = "9100000001", "9100000003"
PROOF = credentials.appsecret_proof(credentials.META_TOKEN)
SECRETS = (
    credentials.META_TOKEN,
    credentials.META_APP_SECRET,
    credentials.GOOGLE_CLIENT_SECRET,
    credentials.GOOGLE_REFRESH_TOKEN,
    credentials.GOOGLE_DEVELOPER_TOKEN,
    PROOF,
)


def written(path: Path) -> Iterator[str]:
    """Yield what a file holds: its bytes, and the rows of a database, which it keeps compressed."""
    yield path.read_bytes().decode("latin-1")
    if path.suffix != ".duckdb":
        return
    with duckdb.connect(str(path), read_only=True) as database:
        tables = database.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        for schema, table in tables:
            rows = database.execute(f'select t::varchar from "{schema}"."{table}" as t').fetchall()
            yield "\n".join(row for (row,) in rows)


@pytest.mark.slow
def test_no_secret_is_written_anywhere(small: Installation, sandbox: SandboxProcess) -> None:
    url = f"https://graph.facebook.com/v26.0/act_1/insights?access_token={SECRETS[0]}&appsecret_proof={PROOF}&after=M"
    told_back = " or ".join([*SECRETS, *(quote(secret, safe="") for secret in SECRETS)])
    meta = {"error": {"code": 100, "message": f"no such thing: {url}, {told_back}", "error_user_title": url}}
    google = {"error": "temporarily_unavailable", "error_description": told_back}
    sandbox.set_clock(NOW)
    sandbox.faults(
        [
            {"match": {"kind": "delivery", "account": META}, "effect": {"status": 400, "body": meta}},
            {"match": {"kind": "token"}, "times": {"first": 2}, "effect": {"status": 503, "body": google}},
            {"match": {"kind": "delivery", "account": GOOGLE}, "effect": {"cut": 40}},
        ]
    )
    with_proof = replace(
        small, env=small.env | {"SOURCES__META_ADS__APP_SECRET": credentials.META_APP_SECRET}
    )
    said = "".join(with_proof.start("wholeday", "run", now=NOW).communicate(timeout=300))
    sandbox.set_clock(None)
    assert small.ledger("select count(*) from ledger.collections where outcome = 'failed'") == [(2,)]
    (message,) = small.ledger("select message from ledger.collections where error_class = 'bad_request'")[0]
    assert "access_token=***&appsecret_proof=***&after=M" in message
    files = [path for path in (*small.warehouse.rglob("*"), *small.site.rglob("*")) if path.is_file()]
    assert len(files) > 20
    assert not [secret for secret in (*SECRETS, "ya29.") if secret in said]
    found = {
        (path.name, secret)
        for path in files
        for text in written(path)
        for secret in (*SECRETS, *(quote(secret, safe="") for secret in SECRETS), "ya29.")
        if secret in text
    }
    assert found == set()
    log = (small.warehouse / "logs" / "wholeday.jsonl").read_text(encoding="utf-8")
    windows = [line for line in map(json.loads, log.splitlines()) if line["event"] == "window"]
    failed = next(line for line in windows if line["error_class"] == "bad_request")
    assert (failed["platform"], failed["outcome"], failed["attempt"]) == ("meta", "failed", 4)
    assert {"client", "account", "window", "run_id"} <= set(failed)


def test_a_secret_is_hidden_as_it_stands_in_an_address_and_in_json() -> None:
    hide("1//0abc/def")
    said = scrub('refresh_token=x 1//0abc/def, 1%2F%2F0abc%2Fdef, "1\\/\\/0abc\\/def"')
    assert "0abc" not in said
