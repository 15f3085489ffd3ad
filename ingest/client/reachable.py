"""The other side of a collection: the real platforms, or the sandbox."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core import clock
from core.platforms import platforms as table
from core.settings import Settings
from sandbox.process import SandboxProcess


@contextmanager
def platforms(settings: Settings, api: str, agency: Path | None = None) -> Iterator[None]:
    """Let the sources of ``api`` be reachable: start the sandbox if it is wanted and no server is named.

    The sandbox knows the accounts of the folder ``agency``, or else of the agency's own. Its settings come
    before those of ``.dlt/``, so no real credential is used against it or by it.
    """
    clock.now()  # one that is wrong is a mistake of a person, which a server that does not start cannot say
    if api != "sandbox" or _is_named():
        yield
        return
    with SandboxProcess(agency=agency or settings.agency) as sandbox:
        before = {name: os.environ.get(name) for name in sandbox.env}
        os.environ |= sandbox.env
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


def _is_named() -> bool:
    """Whether the environment names the server of a platform: that one is used, and no sandbox is started."""
    return any(map(os.environ.get, (one.variables(("base_url",))[0] for one in table().values())))
