"""Make ``.venv`` from ``requirements.lock``, with nothing but the system's ``python3``.

With the argument ``dev`` it also installs ``requirements-dev.lock``: the same versions, and what tests need.
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
PYTHON = VENV / "bin" / "python"
PIP = (PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r")
LOCK, STAMP = ROOT / "requirements.lock", VENV / "installed-from"
DEV_LOCK, DEV_STAMP = ROOT / "requirements-dev.lock", VENV / "installed-dev"


def main() -> None:
    """Install what changed; wait for another installation that is under way."""
    if sys.version_info < (3, 11):
        sys.exit(
            f"wholeday needs Python 3.11 or newer, this is {sys.version.split()[0]}: make PYTHON=python3.12"
        )
    is_dev = sys.argv[1:] == ["dev"]
    with (ROOT / ".venv.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        # An installer outlives a killed make: it holds the guard, and the next one waits until it has ended.
        os.set_inheritable(guard.fileno(), True)
        try:
            if not is_current(LOCK, STAMP):
                print("wholeday: installing into .venv, once", file=sys.stderr)
                create()
                # The larger set holds the smaller one.
                install(DEV_LOCK if is_dev else LOCK)
            elif is_dev and not is_current(DEV_LOCK, DEV_STAMP):
                print("wholeday: installing what tests need into .venv, once", file=sys.stderr)
                install(DEV_LOCK)
        except subprocess.CalledProcessError as failed:
            sys.exit(
                f"wholeday: '{' '.join(map(str, failed.cmd))}' failed: {failed.output or failed.stderr or ''}"
            )
        STAMP.write_text(fingerprint(LOCK))
        if is_dev:
            DEV_STAMP.write_text(fingerprint(DEV_LOCK))


def fingerprint(lock: Path) -> str:
    """Return what an installation from ``lock`` depends on: Python, the folder and the lock's text."""
    text = lock.read_text(encoding="utf-8")
    return hashlib.sha256(f"{sys.version} {ROOT} {text}".encode()).hexdigest()


def is_current(lock: Path, stamp: Path) -> bool:
    """Say whether ``.venv`` holds what ``lock`` names."""
    return stamp.exists() and stamp.read_text() == fingerprint(lock)


def create() -> None:
    """Create a fresh ``.venv`` with uv, the version that the lock names."""
    shutil.rmtree(VENV, ignore_errors=True)
    try:
        run(sys.executable, "-m", "venv", VENV)
    except subprocess.CalledProcessError:
        sys.exit(
            "wholeday: python3 cannot make a virtual environment; on Debian: apt-get install python3-venv"
        )
    pinned_uv = re.search(r"^uv==(?:.*\\\n)*.*\n", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    with tempfile.TemporaryDirectory() as folder:
        requirement = Path(folder) / "uv.txt"
        requirement.write_text(pinned_uv.group() if pinned_uv else "uv")
        run(*PIP, requirement)


def install(lock: Path) -> None:
    """Fill ``.venv`` with what ``lock`` names."""
    # uv would fetch a Python of its own from outside the package index.
    os.environ["UV_PYTHON_DOWNLOADS"] = "never"
    uv = (VENV / "bin" / "uv", "pip", "install", "--quiet", "--python", PYTHON, "--compile-bytecode")
    # uv knows neither the machine's certificates nor pip's settings unless told; pip, slower, does.
    for command in ((*uv, "--system-certs", "--require-hashes", "-r"), (*uv, "--require-hashes", "-r")):
        try:
            run(*command, lock)
        except subprocess.CalledProcessError:
            continue
        return
    run(*PIP, lock)


def run(*command: "str | Path") -> None:
    """Run ``command``, keeping its output for the sentence of a failure."""
    subprocess.run(
        command, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, close_fds=False
    )


if __name__ == "__main__":
    main()
