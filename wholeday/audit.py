"""``make audit``: what is installed from others: its hashes, its licences, and what is known against it."""

import argparse
import json
import re
import sys
import tomllib
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from core.cli import main
from core.settings import ROOT

LOCKS = (ROOT / "requirements.lock", ROOT / "requirements-dev.lock")
RULES = Path(__file__).with_name("licences.toml")
DATABASE = "https://api.osv.dev/v1/querybatch"
_TIMEOUT_SECONDS = 15
_LOCKED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)((?:.*\\\n)*.*)", re.MULTILINE)


@dataclass(frozen=True)
class Package:
    """A package as a lock names it."""

    name: str
    version: str
    has_hash: bool


def packages(*locks: Path) -> dict[str, Package]:
    """Return the packages of all ``locks`` by name."""
    found = {}
    for lock in locks:
        for name, version, rest in _LOCKED.findall(lock.read_text(encoding="utf-8")):
            found[name.lower()] = Package(name.lower(), version, "--hash=sha256:" in rest)
    return found


def unhashed(locked: Mapping[str, Package]) -> Iterator[str]:
    """Yield a sentence for every package that any file of its name could take the place of."""
    for package in locked.values():
        if not package.has_hash:
            yield f"{package.name} {package.version} is locked without a hash: make lock"


def licences(locked: Mapping[str, Package], rules: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for every installed package whose licence no rule allows."""
    for name in locked:
        try:
            told = licence_of(metadata.metadata(name), rules["words"])
        except metadata.PackageNotFoundError:
            continue  # another system's
        exception = rules["exceptions"].get(name)
        if is_allowed(told, rules["allowed"]) or (exception and exception["licence"] == told):
            continue
        yield (
            f"{name} has the licence {told!r}, which {RULES.name} does not allow: do without it, or name it"
            " there with a reason"
        )


def licence_of(told: Any, words: Mapping[str, str]) -> str:
    """Return a package's licence in SPDX or its own words; several classifiers are a choice."""
    if expression := told.get("License-Expression"):
        return str(expression)
    classifiers = [line.split(" :: ")[-1] for line in told.get_all("Classifier", []) if "License ::" in line]
    own = [line for line in classifiers if line != "OSI Approved"] or [
        str(told.get("License") or "none that it names").strip().split("\n")[0][:60]
    ]
    return " OR ".join(words.get(line, line) for line in own)


def is_allowed(expression: str, allowed: list[str]) -> bool:
    """Say whether an SPDX expression can be met by licences that are ``allowed``."""
    plain = re.sub(r"[()]", " ", expression)
    if "(" not in expression:
        return any(
            all(part.strip() in allowed for part in choice.split(" AND ")) for choice in plain.split(" OR ")
        )
    # With brackets, each licence that is named must be.
    return all(part in allowed for part in re.split(r"\s+(?:AND|OR)\s+", plain.strip()) if part)


def vulnerabilities(locked: Mapping[str, Package], database: str) -> dict[str, list[str]]:
    """Return the names of what is known against each package; raises ``OSError`` where nothing answers."""
    asked = [
        {"package": {"name": package.name, "ecosystem": "PyPI"}, "version": package.version}
        for package in locked.values()
    ]
    request = urllib.request.Request(  # noqa: S310 - an address of this file or of the command
        database, json.dumps({"queries": asked}).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310 - as above
        results = json.load(answer)["results"]
    return {
        name: [known["id"] for known in result.get("vulns", ())]
        for name, result in zip(locked, results, strict=True)
        if result.get("vulns")
    }


def command() -> int:
    """Print what was looked at and what is wrong; return 1 if anything is."""
    parser = argparse.ArgumentParser(prog="python -m wholeday.audit", description=__doc__)
    parser.add_argument("--database", default=DATABASE, help="who is asked for known vulnerabilities")
    asked = parser.parse_args(sys.argv[1:])
    rules, locked = tomllib.loads(RULES.read_text(encoding="utf-8")), packages(*LOCKS)
    wrong = [*unhashed(locked), *licences(locked, rules)]
    print(f"{len(locked)} packages have a fixed version in {' and '.join(lock.name for lock in LOCKS)}")
    try:
        known = vulnerabilities(locked, asked.database)
    except (OSError, ValueError, KeyError) as problem:
        reason = f"{type(problem).__name__}: {problem}"
        print(f"known vulnerabilities were not looked up, since {asked.database} does not answer ({reason})")
    else:
        print(f"{asked.database} was asked for known vulnerabilities")
        for name, ids in known.items():
            if untold := [one for one in ids if one not in rules["vulnerabilities"]]:
                wrong.append(
                    f"{name} {locked[name].version} has {', '.join(untold)}: make lock with a later one"
                )
    for sentence in wrong:
        print(f"wholeday: {sentence}", file=sys.stderr)
    print("nothing is wrong" if not wrong else f"{len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    main(command)
