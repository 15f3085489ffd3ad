"""The runbooks as pages, so that the site's links work wherever it is copied to."""

import re
from pathlib import Path

import jinja2

from publish import files
from wholeday.settings import ROOT

SOURCE = ROOT / "docs" / "runbooks"

# A link to another runbook leads to its page; one that leaves the folder becomes words: the site ends there.
_TO_RUNBOOK = re.compile(r'href="([\w-]+)\.md((?:#[\w-]*)?)"')
_LEAVES_FOLDER = re.compile(r'<a href="(?!https?://|#|[\w-]+\.html)[^"]*">(.*?)</a>', re.DOTALL)


def write(folder: Path, environment: jinja2.Environment, source: Path = SOURCE) -> frozenset[str]:
    """Render each runbook that is newer than its page; return the names of all pages there are."""
    names = frozenset(page.stem for page in source.glob("*.md"))
    template = Path(str(environment.get_template("runbook.html").filename))
    stale = [
        name for name in sorted(names) if _is_stale(folder / f"{name}.html", source / f"{name}.md", template)
    ]
    for page in folder.glob("*.html"):
        if page.stem not in names:
            page.unlink()
    if stale:
        _render(folder, environment, [(name, source / f"{name}.md") for name in stale])
    return names


def _is_stale(page: Path, *made_of: Path) -> bool:
    return not page.exists() or any(part.stat().st_mtime > page.stat().st_mtime for part in made_of)


def _render(folder: Path, environment: jinja2.Environment, pages: list[tuple[str, Path]]) -> None:
    # Only needed when a runbook has changed, and slower to import than the rest of the page is to render.
    from markdown_it import MarkdownIt

    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    template = environment.get_template("runbook.html")
    for name, path in pages:
        html = markdown.render(path.read_text(encoding="utf-8"))
        html = _LEAVES_FOLDER.sub(r"\1", _TO_RUNBOOK.sub(r'href="\1.html\2"', html))
        title = re.search(r"<h1>(.*?)</h1>", html, re.DOTALL)
        files.write_text(
            folder / f"{name}.html",
            template.render(root="../", name=name, title=title.group(1) if title else name, body=html),
        )
