"""Every peer in an environment of its own, outside the project, made once and kept."""

import os
import subprocess
import sys
from pathlib import Path


def environment(requirement: str) -> Path:
    """Return the folder of programs of an environment that holds ``requirement`` (``name==version``).

    It lies below the user's cache. Raises ``subprocess.CalledProcessError`` if it cannot be installed.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wholeday-benchmarks"
    folder = cache / requirement.replace("==", "-")
    programs, complete = folder / "bin", folder / "complete"
    if complete.exists():
        return programs
    uv = [str(Path(sys.executable).with_name("uv")), "--quiet", "--native-tls"]
    # uv would fetch a Python of its own from outside the package index.
    settings = os.environ | {"UV_PYTHON_DOWNLOADS": "never"}
    print(f"  installing {requirement} into {cache}, once", flush=True)
    subprocess.run([*uv, "venv", "--clear", "--python", sys.executable, folder], check=True, env=settings)
    python = ["--python", str(programs / "python"), "--compile-bytecode"]
    subprocess.run([*uv, "pip", "install", *python, requirement], check=True, env=settings)
    complete.touch()
    return programs
