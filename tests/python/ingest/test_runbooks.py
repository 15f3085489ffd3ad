"""Runbooks: a page for every class, cause and message that names one, and links that lead somewhere."""

import re

import pytest

from core.settings import ROOT
from ingest.client.errors import Cause, ErrorClass, Failure
from ingest.doctor.runbooks import page

RUNBOOKS = ROOT / "docs" / "runbooks"
HEADINGS = ["What it means", "Why it matters", "First look", "Fix"]
# The page of a check as well says there what to ask for again.
LAST = ("Over when", "Backfill")
BY_HAND = (
    *("outage", "account_renamed", "action_renamed", "token_expiring", "release", "pinned", "lock_held"),
    *("interrupted", "disk_full", "agency_files", "great_expectations", "not_configured", "ledger_open"),
)
CLASSES = [error_class.value for error_class in ErrorClass]
CAUSES = [cause.name.lower() for cause in Cause]
DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
CODE = [
    path
    for room in ("core", "ingest", "expectations", "publish", "wholeday", "models", "macros")
    for path in sorted((ROOT / room).rglob("*"))
    if path.suffix in (".py", ".sql", ".html")
]


@pytest.mark.parametrize("name", [*CLASSES, *CAUSES, *BY_HAND])
def test_a_page_says_what_why_where_how_and_until_when(name: str) -> None:
    text = (RUNBOOKS / f"{name}.md").read_text(encoding="utf-8")
    *headings, last = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert headings == HEADINGS
    assert last in LAST
    look = text.partition("## First look\n")[2].partition("\n## Fix\n")[0]
    assert "```" in look


def test_the_index_leads_to_every_page_of_a_message() -> None:
    index = (RUNBOOKS / "README.md").read_text(encoding="utf-8")
    assert {*CLASSES, *CAUSES, *BY_HAND} <= set(re.findall(r"\]\((\w+)\.md\)", index))


def test_a_failure_leads_to_the_page_of_its_cause_or_else_of_its_class() -> None:
    assert page(Failure.of(ErrorClass.AUTH, "no")) == "auth"
    assert page(Failure.of(ErrorClass.AUTH, "no", cause=Cause.LOGIN_DEAD)) == "login_dead"


def test_every_page_that_the_code_names_exists() -> None:
    named = {
        (name, str(path.relative_to(ROOT)))
        for path in CODE
        for name in re.findall(r"docs/runbooks/(\w+)\.md", path.read_text(encoding="utf-8"))
    }
    assert {"release", "great_expectations"} <= {name for name, _ in named}
    assert [(name, where) for name, where in sorted(named) if not (RUNBOOKS / f"{name}.md").is_file()] == []


def test_links_lead_somewhere() -> None:
    links = [
        (str(path.relative_to(ROOT)), target, (path.parent / target).exists())
        for path in DOCUMENTS
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
        if not target.startswith("https://")
    ]
    assert len(links) > 20
    assert [link for link in links if not link[2]] == []
