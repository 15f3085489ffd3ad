"""Two usual ways to watch the same figures: z-scores as Elementary computes them, and fixed rules.

Elementary (``elementary-data``, anomaly monitors) compares each metric of each group with the average and
the standard deviation of its training set: 14 days, or with ``seasonality: day_of_week`` the same weekdays
of 14 weeks, the tested value included. Anomalous is an absolute score above 3 (``anomaly_sensitivity``) from
7 values on (``min_training_set_size``). Fixed rules are the bounds that such tests usually contain.
"""

from datetime import date
from pathlib import Path

import duckdb

_SQL = Path(__file__).with_suffix(".sql")


def alarms(candidate: Path, day: date) -> dict[str, dict[str, set[int]]]:
    """Return, per method and client, the days after ``day`` (negative: before) that it alarms on."""
    found: dict[str, dict[str, set[int]]] = {"z-score": {}, "fixed": {}}
    with duckdb.connect(str(candidate), read_only=True) as db:
        for method, client_id, offset in db.execute(_SQL.read_text(encoding="utf-8"), [day]).fetchall():
            found[method].setdefault(client_id, set()).add(offset)
    return found
