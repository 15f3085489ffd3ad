"""A worker that died costs its own step, and says so, however often it is asked."""

from pathlib import Path

import pytest

from core.worker import Worker


def test_a_worker_that_died_says_so_however_often_it_is_asked(tmp_path: Path) -> None:
    with Worker("wholeday", "no-such-command", log=tmp_path / "workers.log") as worker:
        first = worker.result()
        for _ in range(2):
            worker.ask("build", as_of="2026-11-24")
            assert worker.result() == first
    assert "wholeday ended with status 2" in first["error"]
    assert "no-such-command" in (tmp_path / "workers.log").read_text()


def test_a_worker_that_hangs_is_ended(tmp_path: Path) -> None:
    (tmp_path / "hangs.py").write_text("import time\ntime.sleep(60)\n")
    with worker(tmp_path, "hangs") as hanging:
        assert "did not answer within 1 seconds" in hanging.result(1)["error"]
        hanging.ask("build")
        assert "killed by signal 9" in hanging.result(1)["error"]


@pytest.mark.parametrize("answer", ["no JSON", '{"cut": "sh', "[]", "null"])
def test_an_answer_that_cannot_be_read_is_none(tmp_path: Path, answer: str) -> None:
    (tmp_path / "babbles.py").write_text(f"import time\nprint({answer!r}, flush=True)\ntime.sleep(60)\n")
    with worker(tmp_path, "babbles") as babbling:
        assert "cannot be read" in babbling.result(20)["error"]


def worker(folder: Path, module: str) -> Worker:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(folder))
        return Worker(module, log=folder / "workers.log")
