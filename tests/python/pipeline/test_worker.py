"""A worker that died costs its own step, and says so; whoever asks it for more is told the same."""

from pathlib import Path

from wholeday.worker import Worker


def test_a_worker_that_died_says_so_however_often_it_is_asked(tmp_path: Path) -> None:
    with Worker("wholeday", "no-such-command", log=tmp_path / "workers.log") as worker:
        first = worker.result()
        for _ in range(2):
            worker.go(as_of="2026-11-24")
            assert worker.result() == first
    assert "wholeday ended with status 2" in first["error"]
    assert "no-such-command" in (tmp_path / "workers.log").read_text()
