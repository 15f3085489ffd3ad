"""Make ``.venv`` from ``requirements.lock``, with nothing but the system's ``python3``.

pip alone takes two minutes for this lock and uv four seconds, so pip installs uv and uv the rest.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "installed-from"


def main() -> None:
    """Install when the lock changed; wait for another installation that is under way."""
    if sys.version_info < (3, 11):
        sys.exit(
            f"wholeday needs Python 3.11 or newer, this is {sys.version.split()[0]}: make PYTHON=python3.12"
        )
    lock = LOCK.read_text(encoding="utf-8")
    fingerprint = hashlib.sha256(f"{sys.version} {ROOT} {lock}".encode()).hexdigest()
    with (ROOT / ".venv.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if STAMP.exists() and STAMP.read_text() == fingerprint:
            STAMP.touch()
            return
        print("wholeday: installing into .venv, once", file=sys.stderr)
        try:
            install(lock)
        except subprocess.CalledProcessError as failed:
            sys.exit(
                f"wholeday: '{' '.join(map(str, failed.cmd))}' failed: {failed.output or failed.stderr or ''}"
            )
        STAMP.write_text(fingerprint)


def install(lock: str) -> None:
    """Create a fresh ``.venv`` and fill it with exactly what ``lock`` names."""
    shutil.rmtree(VENV, ignore_errors=True)
    try:
        run(sys.executable, "-m", "venv", VENV)
    except subprocess.CalledProcessError:
        sys.exit(
            "wholeday: python3 cannot make a virtual environment; on Debian: apt-get install python3-venv"
        )
    python = VENV / "bin" / "python"
    pinned_uv = re.search(r"^uv==(?:.*\\\n)*.*\n", lock, re.MULTILINE)
    pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r")
    with tempfile.TemporaryDirectory() as folder:
        requirement = Path(folder) / "uv.txt"
        requirement.write_text(pinned_uv.group() if pinned_uv else "uv")
        run(*pip, requirement)
    # uv would fetch a Python of its own from outside the package index.
    os.environ["UV_PYTHON_DOWNLOADS"] = "never"
    uv = (VENV / "bin" / "uv", "pip", "install", "--quiet", "--python", python, "--compile-bytecode")
    # uv knows neither the machine's certificates nor pip's settings unless told; pip, slower, does.
    for command in ((*uv, "--system-certs", "--require-hashes", "-r"), (*uv, "--require-hashes", "-r")):
        try:
            run(*command, LOCK)
        except subprocess.CalledProcessError:
            continue
        return
    run(*pip, LOCK)


def run(*command: "str | Path") -> None:
    """Run ``command``, keeping its output for the sentence of a failure."""
    subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


if __name__ == "__main__":
    main()
