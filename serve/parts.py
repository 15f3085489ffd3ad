"""Files that go out as they are, whole or in part."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, MalformedRangeHeader, RangeNotSatisfiable, Response

from serve.answers import is_unwanted, not_modified
from serve.problems import RequestError


def send(request: Request, found: Path, media_type: str, tag: str) -> Response:
    """Return the file ``found`` or the part of it that is asked for, or that nothing has changed.

    Raises ``RequestError`` where it is gone, or has no such part.
    """
    if is_unwanted(request, tag):
        return not_modified(tag)
    headers = {"cache-control": "private, no-cache", "etag": f'"{tag}"'}
    try:
        return _File(found, headers=headers, media_type=media_type, stat_result=found.stat())
    except OSError:
        raise RequestError(404, "there is no such page here") from None


class _File(FileResponse):
    """A file whose parts are asked for as RFC 9110 has it: what is no range is ignored."""

    @classmethod
    def _parse_range_header(cls, http_range: str, file_size: int) -> list[tuple[int, int]]:
        try:
            return super()._parse_range_header(http_range, file_size)
        except MalformedRangeHeader:
            return []
        except RangeNotSatisfiable:
            raise RequestError(
                416,
                f"the file has {file_size} bytes: ask for a part of them",
                Content_Range=f"bytes */{file_size}",
            ) from None
