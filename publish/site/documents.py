"""Pages of ``docs/`` as pages of the site, so that its links work wherever it is copied to."""

import re
from pathlib import Path

import jinja2

from core.settings import ROOT
from publish import files

DOCS = ROOT / "docs"

# The folders that the site links to.
FOLDERS = ("runbooks", "conversion_tracking")

# A link inside the folder leads to its page; one that leaves it becomes words: the site ends there.
_TO_PAGE = re.compile(r'href="([\w-]+)\.md((?:#[\w-]*)?)"')
_LEAVES_FOLDER = re.compile(r'<a href="(?!https?://|#|[\w-]+\.html)[^"]*">(.*?)</a>', re.DOTALL)


def write(site: Path, environment: jinja2.Environment, docs: Path = DOCS) -> frozenset[str]:
    """Render each document that is newer than its page; return the names of all pages of runbooks."""
    for folder in FOLDERS:
        _write_folder(site / folder, environment, docs / folder)
    return frozenset(page.stem for page in (docs / "runbooks").glob("*.md"))


def _write_folder(folder: Path, environment: jinja2.Environment, source: Path) -> None:
    names = {page.stem for page in source.glob("*.md")}
    templates = [
        Path(str(environment.get_template(name).filename)) for name in ("document.html", "frame.html")
    ]
    stale = [
        name
        for name in sorted(names)
        if _is_stale(folder / f"{name}.html", source / f"{name}.md", *templates)
    ]
    for page in folder.glob("*.html"):
        if page.stem not in names:
            page.unlink()
    if stale:
        _render(folder, environment, [(name, source / f"{name}.md") for name in stale])


def _is_stale(page: Path, *made_of: Path) -> bool:
    return not page.exists() or any(part.stat().st_mtime > page.stat().st_mtime for part in made_of)


def _render(folder: Path, environment: jinja2.Environment, pages: list[tuple[str, Path]]) -> None:
    # Only needed when a document has changed, and slower to import than the rest of the site is to render.
    from markdown_it import MarkdownIt

    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    template = environment.get_template("document.html")
    for name, path in pages:
        html = markdown.render(path.read_text(encoding="utf-8"))
        html = _LEAVES_FOLDER.sub(r"\1", _TO_PAGE.sub(r'href="\1.html\2"', html))
        title = re.search(r"<h1>(.*?)</h1>", html, re.DOTALL)
        source = f"docs/{path.parent.name}/{path.name}"
        files.write_text(
            folder / f"{name}.html",
            template.render(root="../", source=source, title=title.group(1) if title else name, body=html),
        )
