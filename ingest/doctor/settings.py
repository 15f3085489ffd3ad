"""Settings and agency files: what is misspelt, malformed, or where a secret may not stand."""

import os
import re
import stat
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from core import clock
from core.diagnosis import Diagnosis, Status
from core.errors import UserError
from core.platforms import Platform, platforms
from core.settings import ROOT, Settings
from ingest.agency import registrations as agency
from ingest.agency.files import Problem
from ingest.client.source_spec import load_settings
from ingest.client.sources import api_mode
from ingest.registry import api_of

AREA = "settings"
# A name this close to one that exists is taken for a slip of the pen.
MISSPELT = 0.85
_NAME = re.compile(r"\bWHOLEDAY_[A-Z_]+\b")


def settings_and_files(settings: Settings) -> Iterator[Diagnosis]:
    """Look at the environment, ``.dlt/`` and the agency's files; asks no platform."""
    yield from _environment(os.environ)
    for name in ("config.toml", "secrets.toml"):
        yield from dlt_file(ROOT / ".dlt" / name)
    registered, problems = agency.examine(settings)
    yield from _values(registered)
    yield from _agency(settings, registered, problems)


def _environment(environment: Mapping[str, str]) -> Iterator[Diagnosis]:
    found = misspelt(environment, known_variables())
    for name, meant in found.items():
        remedy = f"did you mean {meant}?" if meant else "unset it: no setting has a name like it"
        yield Diagnosis(AREA, "environment", Status.FAIL, f"{name} is no setting and has no effect", remedy)
    if not found:
        yield Diagnosis(AREA, "environment", Status.PASS, "no unknown setting")


# Every room reads settings of its own.
ROOMS = (
    "alerts",
    "benchmarks",
    "core",
    "expectations",
    "ingest",
    "macros",
    "models",
    "publish",
    "sandbox",
    "serve",
    "wholeday",
)


def known_variables() -> frozenset[str]:
    """Return the names of all settings: those of the sources, and those that the code mentions.

    Every room reads its own ``WHOLEDAY_…``, so what no file of the project names has no effect.
    """
    files = [
        path for room in ROOMS for path in (ROOT / room).rglob("*") if path.suffix in (".py", ".sql", ".yml")
    ]
    files += [ROOT / name for name in ("Makefile", "profiles.yml", "dbt_project.yml")]
    mentioned = {name for path in files if path.is_file() for name in _NAME.findall(path.read_text("utf-8"))}
    return frozenset(mentioned | {name for platform in platforms().values() for name in variables(platform)})


def variables(platform: Platform) -> tuple[str, ...]:
    """Return the environment variables of every setting that the source of ``platform`` takes."""
    return platform.variables(tuple(fields(platform)))


def fields(platform: Platform) -> dict[str, Any]:
    """Return the settings that the source of ``platform`` takes."""
    declared: dict[str, Any] = api_of(platform).settings.get_resolvable_fields()
    return declared


def misspelt(environment: Mapping[str, str], known: frozenset[str]) -> dict[str, str]:
    """Return the variables that were meant for wholeday and are none of its settings, with what was meant."""
    found = {}
    for name in environment:
        if name in known:
            continue
        close = get_close_matches(name, known, n=1, cutoff=MISSPELT)
        if close or name.startswith(("SOURCES__", "WHOLEDAY_")):
            found[name] = close[0] if close else ""
    return found


def dlt_file(path: Path) -> Iterator[Diagnosis]:
    """Look at one of dlt's files: whether it can be read, what it sets, and who may read it."""
    where = f".dlt/{path.name}"
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        yield Diagnosis(AREA, where, Status.PASS, "there is none")
        return
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        yield Diagnosis(AREA, where, Status.FAIL, f"it cannot be read: {problem}", "correct it")
        return
    problems = list(_problems(content.get("sources", {}), secrets=path.name == "secrets.toml"))
    if path.name == "secrets.toml" and path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        problems.append((Status.WARN, "others on this machine can read it", f"chmod 600 {where}"))
    for status, found, remedy in problems:
        yield Diagnosis(AREA, where, status, found, remedy)
    if not problems:
        yield Diagnosis(AREA, where, Status.PASS, "every setting of the sources is known")


def _problems(sources: Any, *, secrets: bool) -> Iterator[tuple[Status, str, str]]:
    by_section = {platform.section: platform for platform in platforms().values()}
    if not isinstance(sources, dict):
        yield Status.FAIL, "'sources' is no table", "write [sources.meta_ads], and its settings below it"
        return
    for section, values in sources.items():
        platform = by_section.get(section)
        if platform is not None and not isinstance(values, dict):
            yield (
                Status.FAIL,
                f"'{section}' is no table",
                f"write [sources.{section}], and its settings below it",
            )
            continue
        if platform is None:
            near = get_close_matches(section, by_section, n=1)
            remedy = f"did you mean [sources.{near[0]}]?" if near else f"it knows {', '.join(by_section)}"
            yield Status.FAIL, f"[sources.{section}] is no source", remedy
            continue
        known = fields(platform)
        for name in values:
            if name not in known:
                near = get_close_matches(name, known, n=1)
                remedy = f"did you mean {near[0]}?" if near else "remove it"
                yield Status.FAIL, f"sources.{section}.{name} is no setting and has no effect", remedy
            elif not secrets and name in api_of(platform).settings.SECRETS:
                yield (
                    Status.FAIL,
                    f"sources.{section}.{name} is a secret in a file that git keeps",
                    "move it to .dlt/secrets.toml, and renew it if it was ever committed",
                )


def _values(registered: agency.Agency) -> Iterator[Diagnosis]:
    try:
        api = api_mode()
        sources = load_settings(api)
        now = clock.now()
    except UserError as problem:
        yield Diagnosis(AREA, "values", Status.FAIL, str(problem), "correct it")
        return
    yield Diagnosis(AREA, "values", Status.PASS, "all can be used")
    if os.environ.get("WHOLEDAY_NOW"):
        found = f"WHOLEDAY_NOW lets the clock stand at {now.isoformat()}"
        yield Diagnosis(AREA, "clock", Status.WARN, found, "unset WHOLEDAY_NOW for real runs")
    if api == "sandbox":
        yield Diagnosis(
            AREA,
            "platforms",
            Status.WARN,
            "no credentials are in use: figures come from the sandbox and are invented",
            "set credentials: README.md, 'With real accounts'",
            "not_configured",
        )
        return
    for source in sources.values():
        if source.missing:
            count = registered.accounts(source.platform.name)
            status = Status.FAIL if count else Status.PASS
            found = f"{source.platform.title} is not configured; {count} accounts are registered on it"
            remedy = f"set {', '.join(source.missing)}"
            yield Diagnosis(AREA, source.platform.name, status, found, remedy, "not_configured")


def _agency(settings: Settings, registered: agency.Agency, problems: list[Problem]) -> Iterator[Diagnosis]:
    for problem in problems:
        status, page = Status.FAIL, "agency_lines"
        remedy = f"correct it in {settings.agency}"
        if problem.fatal:
            page, remedy = "agency_files", f"{remedy}: until then nothing is collected"
        elif problem.bearable:
            status, remedy = Status.WARN, f"{remedy}: until then it counts as nothing"
        yield Diagnosis("agency", problem.file, status, str(problem), remedy, page)
    if not problems:
        found = f"{len(registered.clients)} clients, {len(registered.registrations)} accounts, no mistake"
        yield Diagnosis("agency", "files", Status.PASS, found)
