"""Removing what was rendered of a site, and nothing else that lies there."""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from publish.site import documents, written

# What every report writes anew, besides what it remembers; health.json and metrics.prom come with it.
_ALWAYS = ("index.html", "health.json", "metrics.prom", "data_docs", "dbt", written.MEMORY)
_LEFT_BY_A_KILL = (".*.tmp", ".*.old", ".reports*")


def remove(site: Path) -> None:
    """Remove the pages and files of ``site``, and the folders that are empty then.

    A folder that remembers nothing was never rendered into, so it stays as it is.
    """
    remembered = written.remembered(site)
    if remembered is None:
        return
    for path in (*(site / name for name in sorted(remembered)), *_others(site)):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        _remove_empty(path.parent, site)


def _others(site: Path) -> Iterator[Path]:
    for folder in documents.FOLDERS:
        yield from sorted((site / folder).glob("*.html"))
    for pattern in _LEFT_BY_A_KILL:
        yield from sorted(site.glob(pattern))
    # The memory goes last: if this is interrupted, it can be done again.
    yield from (site / name for name in _ALWAYS)


def _remove_empty(folder: Path, site: Path) -> None:
    with suppress(OSError):  # the first one that is not empty
        while folder.is_relative_to(site):
            folder.rmdir()
            folder = folder.parent
