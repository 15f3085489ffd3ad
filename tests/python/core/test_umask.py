"""The umask of the user says who may read a release: analysts of the group, everyone, or no one else."""

import os
from pathlib import Path

import pytest

from publish.files import prepare_copy

pytestmark = pytest.mark.attack


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o444), (0o027, 0o440), (0o077, 0o400)])
def test_release_is_read_by_whom_the_umask_allows(tmp_path: Path, umask: int, mode: int) -> None:
    (tmp_path / "candidate").write_bytes(b"figures")
    before = os.umask(umask)
    try:
        prepared = prepare_copy(tmp_path / "candidate", tmp_path / "ads.duckdb")
    finally:
        os.umask(before)
    assert prepared.stat().st_mode & 0o777 == mode
