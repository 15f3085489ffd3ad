"""A page of a browser, with everything on it that should not happen."""

from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

SOON = "2026-11-24T06:10:00Z"


@dataclass
class Watched:
    """A page that collects errors on its console and requests to anywhere but the file system."""

    page: Page
    trouble: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, context: BrowserContext) -> "Watched":
        watched = cls(context.new_page())
        watched.page.on("console", watched._heard)
        watched.page.on("pageerror", lambda problem: watched.trouble.append(f"error: {problem}"))
        watched.page.on("request", watched._asked)
        return watched

    def open(self, path: Path, fragment: str = "", at: str = SOON) -> Page:
        """Open a page of the file system at an instant, and wait until its scripts are done."""
        self.page.clock.set_fixed_time(at)
        self.page.goto(path.as_uri() + fragment)
        self.page.wait_for_function(
            "document.documentElement.dataset.ready || !document.querySelector('script[src]')"
        )
        return self.page

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.trouble.append(f"console: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith(("file:", "data:", "blob:")):
            self.trouble.append(f"request: {request.url}")
