"""What the peers are measured with: the server they read from, and the counting of what they printed."""

import json
import urllib.parse
import urllib.request
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.peers.collectors import Counted, counted
from benchmarks.prepared import Shape
from benchmarks.served import serving

SHAPE = Shape(accounts=1, days=3, campaigns=2)


def asked(port: int, path: str, form: dict[str, str] | None = None) -> Any:
    data = urllib.parse.urlencode(form).encode() if form else None
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/v26.0/{path}", data) as answer:
        return json.load(answer)


def test_a_report_holds_the_rows_of_its_days_page_by_page() -> None:
    window = json.dumps({"since": "2025-01-02", "until": "2025-01-03"})
    with serving("benchmarks.peers.server", SHAPE) as port:
        assert [one["account_id"] for one in asked(port, "me/adaccounts")["data"]] == ["1000"]
        report = asked(port, "act_1000/insights", {"time_range": window})["report_run_id"]
        assert asked(port, f"{report}/")["async_status"] == "Job Completed"
        batch = json.dumps([{"method": "GET", "relative_url": f"v26.0/{report}/"}])
        state = json.loads(asked(port, "", {"batch": batch})[0]["body"])
        assert state["async_status"] == "Job Completed"
        first = asked(port, f"{report}/insights?limit=3")
        second = asked(port, urllib.parse.urlsplit(first["paging"]["next"]).path[7:] + "?limit=3&after=3")
    days = [(row["date_start"], row["ad_id"][-1]) for page in (first, second) for row in page["data"]]
    assert days == [(f"2025-01-0{day}", ad) for day in (2, 3) for ad in ("0", "1")]
    assert "next" not in second["paging"]


def test_a_row_that_comes_twice_or_unasked_counts_once(tmp_path: Path) -> None:
    row = {"date_start": "2025-01-02T00:00:00Z", "campaign_id": "7", "spend": 1.5}
    messages = [
        {"type": "SCHEMA", "stream": "ads"},
        {"type": "RECORD", "stream": "ads", "record": row},
        {"type": "RECORD", "record": {"stream": "ads", "data": row}},
        {"type": "RECORD", "stream": "ads", "record": {**row, "campaign_id": "8", "spend": "0.25"}},
        {"type": "RECORD", "stream": "ads", "record": {**row, "date_start": "2025-01-03"}},
    ]
    output = tmp_path / "messages.jsonl"
    output.write_text("".join(json.dumps(message) + "\n" for message in messages))
    assert counted(output, date(2025, 1, 2)) == Counted(4, 2, Decimal("1.75"))
