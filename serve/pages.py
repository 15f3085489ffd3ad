"""The site's files, for visitors that may see them: what the report step wrote, and a script that heals."""

import asyncio
import base64
import hashlib
import mimetypes
import re
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from serve import parts
from serve.access import Visitor
from serve.answers import Answer, Answers, respond, tag_of
from serve.problems import RequestError
from serve.release import Identity
from serve.request_guard import with_policy

# Larger files go out as they are, in pieces.
_MOST_BYTES = 8 * 2**20
_TEXT = ("text/", "application/json", "application/javascript", "image/svg+xml")
_INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc\s*=)[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE)
_HEALING = '<link rel="stylesheet" href="/_serve/serve.css"><script src="/_serve/heal.js" defer></script>'
# These hold no client's data: every visitor with a token may see them.
_FOR_ALL = ("assets/", "runbooks/")
# Each client has a folder of its own in these.
_BY_CLIENT = ("reports/", "data/days/")

mimetypes.add_type("application/vnd.apache.parquet", ".parquet")
mimetypes.add_type("text/javascript", ".js")


def may_see(path: str, visitor: Visitor) -> bool:
    """Whether the visitor may see the file ``path`` of the site, whether or not there is such a file.

    One who is bound to clients sees what holds no client's data, and the folders of those clients.
    """
    if visitor.clients is None or path.startswith(_FOR_ALL):
        return True
    folders = (f"{room}{client}/" for room in _BY_CLIENT for client in visitor.clients)
    return path.startswith(tuple(folders))


def locate(site: Path, path: str) -> Path | None:
    """Return the file of the site that ``path`` names; None where it leads nowhere or out of the site."""
    names = path.split("/")
    if "\0" in path or "\\" in path or any(name.startswith(".") for name in names):
        return None
    try:
        found = site.joinpath(*names).resolve()
        if found.is_dir():
            found = found / "index.html"
        return found if found.is_relative_to(site.resolve()) and found.is_file() else None
    except OSError:  # no file system has names that long
        return None


class Site:
    """Answers for the site's files; a page and its compressed form are made once."""

    def __init__(self, folder: Path, answers: Answers) -> None:
        self.folder = folder
        self._answers = answers

    async def page(self, request: Request) -> Response:
        """Return the file that the request names."""
        path, visitor = request.scope["path"].lstrip("/") or "index.html", request.state.visitor
        found = None
        if may_see(path, visitor):
            found = locate(self.folder, path)
            if found is None and "/" in path and visitor.clients is None:
                # A folder of the site is replaced by two renames; between them it is not there.
                await asyncio.sleep(0.1)
                found = locate(self.folder, path)
        if found is None:
            raise RequestError(404, "there is no such page here")
        if found.name == "index.html" and found.parent.name and not path.endswith((".html", "/")):
            # Links of the page are relative to its folder.
            return Response(status_code=307, headers={"location": f"/{path}/"})
        return await self._file(request, found, visitor)

    async def _file(self, request: Request, found: Path, visitor: Visitor) -> Response:
        kind = mimetypes.guess_type(found.name)[0] or "application/octet-stream"
        identity = Identity.of(found)
        is_page = kind == "text/html"
        heals = is_page and visitor.may_heal
        tag = tag_of("file", str(found), str(identity), str(heals))
        if identity is None or (not is_page and ("range" in request.headers or not kind.startswith(_TEXT))):
            return parts.send(request, found, kind, tag)
        if not is_page and found.stat().st_size > _MOST_BYTES:
            return parts.send(request, found, kind, tag)

        async def make() -> Answer:
            return await asyncio.to_thread(_page if is_page else _text, found, kind, heals)

        return respond(request, await self._answers.get(f"file\0{found}\0{heals}", tag, make), tag)


def _text(found: Path, kind: str, _: bool) -> Answer:
    return Answer.of(found.read_bytes(), f"{kind}; charset=utf-8")


def _page(found: Path, kind: str, heals: bool) -> Answer:
    text = found.read_text(encoding="utf-8")
    scripts = [
        base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        for script in dict.fromkeys(_INLINE_SCRIPT.findall(text))
    ]
    if heals:
        before, end, after = text.rpartition("</body>")
        text = f"{before}{_HEALING}{end}{after}" if end else text
    # The page of lineage and columns is dbt's own, and compiles its templates in the browser.
    policy = with_policy(scripts, evaluates=found.parent.name == "dbt")
    return Answer.of(text.encode(), f"{kind}; charset=utf-8", ("content-security-policy", policy))
