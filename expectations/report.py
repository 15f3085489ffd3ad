"""What the gate and the site read: ``validation.json``."""

from typing import Any

from expectations.outcome import Outcome


def content(outcome: Outcome) -> dict[str, Any]:
    """Return the outcome as plain JSON types; ``failures`` come table by table, causes first."""
    failures = [
        {
            "suite": table.suite,
            "table": table.suite,
            "title": table.title,
            "expectation": broken.kind,
            "description": broken.description,
            "severity": broken.severity,
            "follows": list(broken.follows),
            "observed": broken.observed,
            "unexpected_count": broken.found,
            "rows": broken.rows[:5],
            "page": table.page,
        }
        for table in outcome.broken
        for broken in table.broken
    ]
    return {
        "run_id": outcome.run.run_id,
        "as_of": outcome.run.as_of.isoformat(),
        "file_sha256": outcome.file_sha256,
        "success": not failures,
        "statistics": {
            "evaluated": outcome.evaluated,
            "failed": outcome.failed,
            "following": outcome.following,
        },
        "told": list(outcome.told),
        "failures": failures,
    }
