"""What a new platform and a new measure change in a copy of the tree: new files, and few edits."""

import shutil
import subprocess
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from core.settings import ROOT

ACME = Path(__file__).with_name("acme")


@dataclass(frozen=True)
class Edit:
    """``text`` right after the first ``anchor`` of ``file``, or every one; with ``instead`` in its place."""

    file: str
    anchor: str
    text: str
    instead: bool = False
    every: bool = False


PROJECT, MARTS = "dbt_project.yml", "models/marts/_marts__models.yml"
REPORTS = "models/reports/_reports__models.yml"
PLATFORM = (
    Edit(PROJECT, "      google: {+tags: [ledger]}\n", "      acme: {+tags: [ledger]}\n"),
    Edit(
        PROJECT,
        "  platforms:\n",
        "    acme:\n"
        "      title: Acme Ads\n"
        "      section: acme_ads\n"
        "      required: [access_token]\n"
        "      settling_hours: 3\n"
        "      lookback_days: 7\n"
        "      kept_months: 37\n"
        "      active_statuses: ['ON']\n"
        "      other_fields: [action, campaign]\n",
    ),
    Edit(PROJECT, "google: {field: metrics.cost_micros, micros: true}\n", "        acme: {field: cost}\n"),
    Edit(PROJECT, "google: {field: metrics.impressions}", ", acme: {field: shows}"),
    Edit(PROJECT, "google: {field: metrics.clicks}", ", acme: {field: taps}"),
    Edit(PROJECT, "google: {field: metrics.conversions}", ", acme: {field: count}"),
    Edit(PROJECT, "google: {field: metrics.conversions_value}", ", acme: {field: value}"),
    Edit(
        "ingest/registry.py",
        "    return API\n\n\n",
        'def _acme() -> "PlatformApi":\n    from ingest.acme.api import API\n\n    return API\n\n\n',
    ),
    Edit("ingest/registry.py", '"google": _google', ', "acme": _acme'),
)
MEASURE = (
    Edit(
        PROJECT,
        "  measures:\n",
        "    swipes:\n"
        "      title: Swipes\n"
        "      kind: count\n"
        "      answer: delivery\n"
        "      total: total_swipes\n"
        "      of_campaign: swipes\n"
        "      wire: {meta: {field: swipes}, google: {field: metrics.swipes}}\n"
        "      meaning: Swipes over an ad; NULL before they were asked for.\n",
    ),
    Edit(
        MARTS,
        "      - &average_ctr ",
        "      - &total_swipes {name: total_swipes, data_type: bigint, description: Swipes over ads.}\n"
        "      - &average_ctr ",
        instead=True,
    ),
    Edit(
        REPORTS,
        "      - &total_video_views ",
        "      - &total_swipes {name: total_swipes, data_type: bigint, description: Swipes over ads.}\n"
        "      - &total_video_views ",
        instead=True,
    ),
    Edit(REPORTS, "      - *total_video_views\n", "      - *total_swipes\n", every=True),
    Edit(
        REPORTS,
        "      - {name: total_video_views, ",
        "      - {name: total_swipes, data_type: double, description: Change of the swipes in percent.}\n"
        "      - {name: total_video_views, ",
        instead=True,
    ),
    Edit(MARTS, "      - *total_video_views\n", "      - *total_swipes\n", every=True),
    Edit(
        MARTS,
        "      - {name: video_views, ",
        "      - {name: swipes, data_type: bigint, description: Swipes over ads.}\n"
        "      - {name: video_views, ",
        instead=True,
    ),
    Edit(
        "docs/metrics.md",
        "| `link_clicks` |",
        "| `total_swipes` | sum of the campaigns' `swipes` | count | not asked for |\n| `link_clicks` |",
        instead=True,
    ),
    Edit("sandbox/meta/insight_fields.txt", "spend\n", "swipes\n"),
    Edit("sandbox/meta/rows.py", '    "reach": "reach",\n', '    "swipes": "reactions",\n'),
    Edit("sandbox/google/fields.py", '    "metrics.clicks": "int64",\n', '    "metrics.swipes": "int64",\n'),
    Edit("sandbox/google/report.py", '    "metrics.clicks": "clicks",\n', '    "metrics.swipes": "views",\n'),
    Edit("sandbox/google/report.py", 'case "metrics.video_trueview_views"', ' | "metrics.swipes"'),
)


def copy(target: Path) -> Path:
    """Copy the files of the tree that belong to it."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)
    return target


def edit(tree: Path, edits: tuple[Edit, ...]) -> dict[str, int]:
    """Make ``edits``; return how many lines are another in each file, or new."""
    before = {one.file: (tree / one.file).read_text(encoding="utf-8") for one in edits}
    after = dict(before)
    for one in edits:
        assert one.anchor in after[one.file], f"{one.file} has no {one.anchor!r}"
        text = one.text if one.instead else one.anchor + one.text
        after[one.file] = after[one.file].replace(one.anchor, text, -1 if one.every else 1)
    for name, text in after.items():
        (tree / name).write_text(text, encoding="utf-8")
    return {name: _changed(before[name], text) for name, text in after.items()}


def _changed(before: str, after: str) -> int:
    lines = unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return sum(line.startswith("+") and not line.startswith("+++") for line in lines)
