"""A retired API version: which setting to change, and to what."""

import re

from ingest.client.sources import SourceSettings

_VERSION = re.compile(r"\bv(\d+)(?:\.(\d+))?\b")


def what_to_set(settings: SourceSettings, message: str) -> str:
    """Return ``message`` with the setting that ends it: the newest version that it, or wholeday, knows."""
    variable = f"SOURCES__{settings.platform.section.upper()}__API_VERSION"
    named = [found[0] for found in _VERSION.finditer(message)]
    newest = max((*named, settings.newest_version, settings.api_version), key=_number)
    advice = (
        f"set {variable}={newest}"
        if newest != settings.api_version
        else f"set {variable} to a version that the platform still serves"
    )
    return f"{message} (asked with {settings.api_version}; {advice})"


def _number(version: str) -> tuple[int, int]:
    found = _VERSION.fullmatch(version)
    return (int(found[1]), int(found[2] or 0)) if found else (0, 0)
