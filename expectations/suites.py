"""The suites as files: one per table, read and checked before anything is validated.

To expect one thing more, add it to the file of its table. Its ``type`` is any expectation of the library's
gallery, or ``expect_no_rows`` with a query of the violating rows. ``description`` says what holds,
``notes`` what a breach means and what to do, ``severity`` is ``critical``, ``warning`` or ``info``.
``meta.follows`` names the checks and rules that say the same (``checks`` and ``findings``: any of them).
While one of them does not pass, a breach only follows from it, and is not told twice. In a
query ``{batch}`` is the table, braces of its own are doubled, and ``session.sql`` has what else it may use;
a column named ``fix`` is shown as the command that helps.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from great_expectations import ExpectationSuite
from great_expectations.exceptions import GreatExpectationsError
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

import expectations.rows  # noqa: F401 - registers expect_no_rows
from core.errors import UserError
from core.platforms import platforms

FOLDER = Path(__file__).with_name("suites")
FILES = ("landing", "candidate")


@dataclass(frozen=True)
class Suite:
    """What is expected of one ``table`` (``schema.name``) of one ``file`` (``landing`` or ``candidate``)."""

    file: str
    table: str
    expectations: ExpectationSuite


def load(folder: Path = FOLDER) -> tuple[Suite, ...]:
    """Read every suite of ``folder``; raise ``UserError`` naming the file that cannot be used, and why."""
    return tuple(_load(path) for path in sorted(folder.glob("*.yml")))


def _load(path: Path) -> Suite:
    try:
        content: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        for single in content["expectations"]:
            if single["kwargs"].get("value_set") == "platforms":
                single["kwargs"]["value_set"] = list(platforms())
        suite = ExpectationSuite(**content)
        _check_complete(suite, content["expectations"])
        meta = {name: str(content["meta"][name]) for name in ("file", "title", "about")}
        loaded = Suite(meta["file"], suite.name, suite)
    except (OSError, yaml.YAMLError, GreatExpectationsError, TypeError, KeyError, ValueError) as problem:
        reason = " ".join(str(problem).split())
        raise UserError(f"{path} is not a suite that can be used: {reason}") from problem
    if loaded.table != path.stem or loaded.file not in FILES:
        raise UserError(
            f"{path} is not a suite that can be used: its name must be {path.stem!r}"
            f" and its meta.file one of {', '.join(FILES)}"
        )
    return loaded


def _check_complete(suite: ExpectationSuite, written: list[dict[str, Any]]) -> None:
    """Raise for the first expectation that was written and not understood: the library only logs it."""
    if len(suite.expectations) != len(written):
        for single in written:
            ExpectationConfiguration(**single).to_domain_obj()
