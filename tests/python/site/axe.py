"""axe-core, the accessibility engine: fetched once from the npm registry, by version and checksum."""

import base64
import hashlib
import io
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

VERSION = "4.14.1"
SHA512 = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="


def source() -> str:
    """Return the script; it is kept in the user's cache, since tests run more often than it changes."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wholeday"
    kept = cache / f"axe-core-{VERSION}.tgz"
    if not kept.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        npm = shutil.which("npm")
        assert npm, "axe-core comes from the npm registry: apt-get install npm"
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            subprocess.run(
                [npm, "pack", f"axe-core@{VERSION}", "--silent", "--pack-destination", folder], check=True,
                stdout=subprocess.DEVNULL, timeout=120,
            )  # fmt: skip
            (Path(folder) / kept.name).replace(kept)
    packed = kept.read_bytes()
    assert base64.b64encode(hashlib.sha512(packed).digest()).decode() == SHA512, f"{kept} is not what npm has"
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        script = archive.extractfile("package/axe.min.js")
        assert script
        return script.read().decode()
